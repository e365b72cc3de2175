import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { parse } from 'yaml'
import { forwarderNodeFields, handlerTypes, hopNodeFields, partFields } from '../../lib/cli/services/fields.ts'
import { servicesSchema } from '../../lib/cli/services/services-schema.ts'
import type { OptionRow } from '../../lib/options/option.ts'
import { read, readUrls } from '../cli/services/read.ts'

const page = readFileSync(new URL('../../docs/services-file.md', import.meta.url), 'utf8')

/** The rows of the first table below a heading. */
function tableBelow(heading: string): string[][] {
  const text = page.slice(page.indexOf(`\n### ${heading}\n`))
  const [table = ''] = /^\|(?:.+\n\|)+.+$/m.exec(text) ?? []
  return table
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

function toCells({ name, summary, words, isRequired, default: value, defaultText }: OptionRow): string[] {
  const values = words.startsWith('one of ') ? `: ${words.slice('one of '.length)}` : ''
  const isSaid = value !== undefined && typeof value !== 'object'
  const otherwise = isRequired ? 'required' : isSaid ? `\`${String(value as string)}\`` : ''
  return [`\`${name}\``, (summary ?? words) + values, defaultText ?? otherwise]
}

describe('docs/services-file.md', () => {
  const tables = {
    services: partFields.services,
    'Nodes of a forwarder': forwarderNodeFields,
    chains: partFields.chains,
    hops: partFields.hops,
    'Nodes of a hop': hopNodeFields,
    observers: partFields.observers,
    api: partFields.api,
  }
  for (const [heading, table] of Object.entries(tables)) {
    it(`has the fields of the program, in their order, below ${heading}`, () => {
      const rows = table.rows()
      expect(rows.filter(({ summary }) => summary === undefined).map(({ name }) => name)).to.deep.equal([])
      expect(tableBelow(heading)).to.deep.equal(rows.map(toCells))
    })
  }

  it('says what each type of handler is', () => {
    const types = [...page.matchAll(/^\| `(\w+)` \| (?:the application|a \[?proxy|\[one)/gm)].map(([, type]) => type)
    expect(types).to.deep.equal(handlerTypes)
  })

  it('has an example that is right, for the program and for its schema', async () => {
    const [, example = ''] = /^```yaml\n([\s\S]*?)^```/m.exec(page) ?? []
    const { model, warnings } = await read({ files: ['-'] }, example)
    expect(model.services.map(({ name }) => name)).to.deep.equal(['out', 'database', 'shop'])
    expect(warnings).to.deep.equal([])
    const validate = new Ajv2020({ allErrors: true, strict: false }).compile(servicesSchema)
    expect(validate(parse(example)), JSON.stringify(validate.errors)).to.equal(true)
    expect(validate({ services: [{ addr: ':80', handlr: {} }] })).to.equal(false)
  })

  it('has URLs that can be read', async () => {
    const urlsOf = (heading: string) => {
      const table = page.slice(page.indexOf(heading)).split('\n\n')[0] ?? ''
      return table
        .split('\n')
        .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]*:[^`]*)`/g)].map(([, url]) => url as string))
    }
    const listen = urlsOf('| `-L` | the service |').filter((url) => !url.startsWith('app:'))
    const forward = urlsOf('| `-F` | the hop |')
    expect([listen.length, forward.length]).to.deep.equal([7, 5])
    for (const url of listen) expect((await readUrls([url])).services, url).to.have.length(1)
    const [chain] = (await readUrls(['http://127.0.0.1:0'], forward)).chains
    expect(chain?.hops).to.have.length(5)
  })
})
