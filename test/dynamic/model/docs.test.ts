import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { parse } from 'yaml'
import { configurationSchema } from 'tribind/providers'
import { middlewareKinds } from '../../../lib/dynamic/model/middleware-table.ts'
import { serviceKinds } from '../../../lib/dynamic/model/service-table.ts'
import { createWorld, type World } from './aggregate-world.ts'

const page = readFileSync('docs/dynamic-configuration.md', 'utf8')
const [part = ''] = /^## Routes\n[\s\S]*(?=^## How changes)/m.exec(page) ?? []
const fences = [...part.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text as string)
const validate = new Ajv2020().compile(configurationSchema)

describe('docs/dynamic-configuration.md: routes, services and middlewares', () => {
  let world: World
  beforeEach(() => {
    world = createWorld('refuse', { entryPoints: { web: { address: '127.0.0.1:0' } } })
    world.server.provide('books.show', () => 'shown')
  })
  afterEach(() => world.server.stop())

  it('has documents that the schema and the server take', async () => {
    expect(fences).to.have.length(10)
    for (const text of fences) {
      const document = parse(text) as object
      expect([validate(document), validate.errors], text).to.deep.equal([true, null])
      expect(await world.check({ docs: document }), text).to.deep.equal({})
    }
  })

  it('names every kind of service, and every kind of middleware with a value that the server takes', async () => {
    const headings = [...part.matchAll(/^### (.+)$/gm)].flatMap(([, names]) => (names as string).split(', '))
    expect(headings).to.have.members([...serviceKinds.keys()])
    const rows = [...part.matchAll(/^\| (`\w+`(?:, `\w+`)*) \| `(.+?)` \| /gm)].flatMap(([, names = '', value = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [name as string, parse(value) as unknown] as const),
    )
    const middlewares = rows.filter(([name]) => middlewareKinds.has(name) && name !== 'chain')
    expect(rows.map(([name]) => name)).to.include.members([...middlewareKinds.keys()])
    for (const [name, value] of [...middlewares, ['chain', [{ timeout: '5s' }]] as const]) {
      const document = { services: { pages: { text: '' } }, middlewares: { a: { [name]: value } } }
      const isOfData = name !== 'basicAuth'
      if (isOfData) expect(await world.check({ docs: document }), name).to.deep.equal({})
      expect([validate(document), validate.errors], name).to.deep.equal([true, null])
    }
  })
})
