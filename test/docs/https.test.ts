import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { promisedOutput, runProgram } from './run-program.ts'

const text = readFileSync(new URL('../../docs/https.md', import.meta.url), 'utf8')
const blocks = [...text.matchAll(/^## (.*)\n[^#]*?```ts\n([\s\S]*?)```/gm)]

describe('docs/https.md', function () {
  this.timeout(30_000)

  it('has a program for each of its sections', () => {
    expect(blocks.map(([, title]) => title)).to.deep.equal(['HTTPS', 'HTTP/2', 'Unix sockets'])
  })

  for (const [, title, code = ''] of blocks) {
    it(`has a program about ${title} that prints what it says`, async () => {
      expect(await runProgram(code)).to.deep.equal(promisedOutput(code))
    })
  }

  it('names every option of https', () => {
    const options = readFileSync(new URL('../../lib/entrypoint/tls/https-options.ts', import.meta.url), 'utf8')
    const names = [...options.matchAll(/^ {2}(\w+)\??: .*$/gm)].map(([, name]) => name)
    expect(names).to.include('key').and.include('handshakeTimeout')
    for (const name of names) expect(text, name).to.match(new RegExp(`^\\|.*\`${name}\`.*\\|.*\\|`, 'm'))
  })
})
