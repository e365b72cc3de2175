import { inspect } from 'node:util'
import { expect } from 'chai'
import { z } from 'zod'
import { loadFiles, loadValues, refusal, schemaOf } from './config-world.ts'

describe('the values of the environment', () => {
  const secret = 'hunter2-and-more'
  const env = { SECRET: secret, SHORT: '7', PORT: '99999' }
  const refusing = (message: string, ...path: string[]) => schemaOf(() => ({ issues: [{ message, path }] }))
  const told = async (message: string, values: object, path: readonly string[] = ['a']) =>
    (await refusal(loadValues(values, { schema: refusing(message, ...path), env }))).message

  it('are in no message: a schema that quotes them', async () => {
    for (const quoted of [
      `"${secret}" is no number`,
      `${secret.toUpperCase()} is wrong`,
      `must be short (was "${secret}")`,
      `Invalid type: Expected number but received "${secret}"`,
      `got ${secret.slice(0, 13)}…`,
    ]) {
      for (const values of [{ a: '${SECRET}' }, { a: 'x${SECRET}y' }, { a: '${NOPE:-${SECRET}}' }]) {
        const message = await told(quoted, values)
        expect(message, message).to.not.match(/hunter2/i)
        expect(message).to.match(/^values: "a" .* \(from the environment variable SECRET\)$/)
      }
    }
  })

  it('are in no message: only what quotes is left out, where that can be told', async () => {
    const end = '(from the environment variable SECRET)'
    const values = { a: '${SECRET}' }
    expect(await told(`must be short (was "${secret}")`, values)).to.equal(`values: "a" must be short ${end}`)
    expect(await told(`must be short, got "${secret}"`, values)).to.equal(`values: "a" must be short ${end}`)
    expect(await told('must be short', values)).to.equal(`values: "a" must be short ${end}`)
  })

  it('are in no message: one about something else, or about all', async () => {
    const values = { a: 'plain', b: '${SECRET}', c: '${SHORT}' }
    expect(await told(`is not ${secret}`, values)).to.not.include('hunter2')
    expect(await told(`b is ${secret}`, values, [])).to.not.include('hunter2')
    expect(await told('c is 7', values, [])).to.not.include('7')
    expect(await told('must be at most 7', values)).to.equal('values: "a" must be at most 7')
  })

  it('are in no message: short ones, and numbers', async () => {
    expect(await told('7 is too small', { a: '${SHORT}' })).to.not.include('7')
    expect(await told('99999 is too large', { a: '${PORT}' })).to.not.include('99999')
  })

  it('are in no message: numbers as they were read', async () => {
    const schema = schemaOf((value) => {
      const { a } = value as { a: unknown }
      return { issues: [{ message: typeof a === 'number' ? `${a} is too large` : 'no number', path: ['a'] }] }
    })
    const error = await refusal(loadValues({ a: '${BIG}' }, { schema, env: { BIG: '4.5e3' } }))
    expect(error.message).to.not.include('4500')
  })

  it('spare the words for types, whatever the value is', async () => {
    const schema = z.object({ a: z.number() })
    const error = await refusal(loadValues({ a: '${A}' }, { schema, env: { A: 'a' } }))
    expect(error.message).to.equal('values: "a" must be a number, got a string (from the environment variable A)')
  })

  it('are in no message: a schema that throws', async () => {
    const schema = schemaOf((value) => ({ value: new URL((value as { a: string }).a) }))
    const error = await refusal(loadValues({ a: '${SECRET}' }, { schema, env }))
    expect(error.message).to.equal('values: cannot be checked, since the schema threw TypeError: Invalid URL')
    expect(inspect(error, { depth: 9 })).to.not.include('hunter2')
  })

  it('are in no message: those of .env', async () => {
    const schema = refusing(`${secret} is wrong`, 'a')
    const error = await refusal(loadFiles({ '.env': `TOKEN=${secret}`, 'c.yaml': 'a: ${TOKEN}' }, { schema }))
    expect(error.message).to.not.include('hunter2')
    expect(error.stack).to.not.include('hunter2')
    expect(JSON.stringify(error.issues)).to.not.include('hunter2')
  })

  it('are no secrets where the file has them', async () => {
    const schema = refusing('"plain" is wrong', 'a')
    expect((await refusal(loadValues({ a: 'plain' }, { schema, env }))).message).to.equal(
      'values: "a" "plain" is wrong',
    )
  })
})
