import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'

const library = new URL('../../../lib/index.ts', import.meta.url).href

/** Prints how many frames the stacks of an answer and of faults have. */
const program = `
import { HttpError } from '${library}'
const frames = ({ stack }) => stack.split('\\n').length - 1
console.log([new HttpError(404), new HttpError(500), new Error('after')].map((error) => frames(error) > 0).join())
try { new HttpError(404, Symbol('no text')) } catch (error) { console.log(frames(error) > 0, frames(new Error()) > 0) }
`

describe('the stack of an HttpError', () => {
  it('is that of other errors where the application has frozen Error', async () => {
    const frozen = `Object.freeze(Error)\n${program}`
    expect(await outputOf(frozen, 'production')).to.equal('true,true,true\ntrue true\n')
  })

  for (const [environment, said] of [
    ['production', 'false,true,true\nfalse true\n'],
    ['development', 'true,true,true\ntrue true\n'],
  ] as const) {
    it(`has ${environment === 'production' ? 'no ' : ''}frames below 500 in ${environment}`, async () => {
      expect(await outputOf(program, environment)).to.equal(said)
    })
  }
})

async function outputOf(code: string, environment: string): Promise<string> {
  const args = ['--import', 'tsx', '--conditions=source', '--input-type=module', '--eval', code]
  const env = { ...process.env, NODE_ENV: environment }
  return (await promisify(execFile)(process.execPath, args, { env })).stdout
}
