import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { describeEngine } from '../dynamic/stores/describe-engine.ts'
import { promisedOutput, runProgram } from './run-program.ts'

const text = readFileSync(new URL('../../docs/dynamic-configuration.md', import.meta.url), 'utf8')
const programs = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code as string)

describe('docs/dynamic-configuration.md', () => {
  for (const engine of ['redis', 'postgres', 'nats', 'etcd'] as const)
    describeEngine(engine, (started) => {
      const variable = `${engine.toUpperCase()}_URL`
      const before = process.env[variable]

      afterEach(() => {
        if (before === undefined) Reflect.deleteProperty(process.env, variable)
        else process.env[variable] = before
      })

      it('has a program that prints what it says', async () => {
        const program = programs.find((program) => program.includes(variable)) ?? ''
        process.env[variable] = started().url
        const promised = promisedOutput(program)
        expect(promised.stdout).to.not.equal('')
        expect(await runProgram(program)).to.deep.equal(promised)
      }).timeout(30_000)
    })
})
