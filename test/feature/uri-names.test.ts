import { expect } from 'chai'
import { DuplicateRouteError, Server } from 'tribind'
import { bothWays, collectingLogger, thrownBy } from './both-ways.ts'
import type { Options } from './both-ways.ts'

class NamesObject {
  index() {
    return 'index'
  }
  showAll() {
    return 'showAll'
  }
  ShowName() {
    return 'ShowName'
  }
}

const spellings: Record<string, Record<string, string>> = {
  kebab: { struct: 'names-object', showAll: 'show-all', ShowName: 'show-name' },
  full: { struct: 'NamesObject', showAll: 'showAll', ShowName: 'ShowName' },
  lower: { struct: 'namesobject', showAll: 'showall', ShowName: 'showname' },
  camel: { struct: 'namesObject', showAll: 'showAll', ShowName: 'showName' },
}

describe('uri names', () => {
  for (const [style, names] of Object.entries(spellings)) {
    const nameToUri = style as NonNullable<Options['nameToUri']>
    bothWays(
      `${style}: of methods and of {.struct} and {.method}`,
      (server) => {
        server.bindObject('/x', new NamesObject())
        server.bindController('/{.struct}/{.method}', NamesObject)
        server.bindObjectMethod('/m/{.method}.{.struct}', new NamesObject(), 'ShowName')
      },
      async (send) => {
        const wrong = new Set(Object.values(spellings).flatMap(({ showAll, ShowName }) => [showAll, ShowName]))
        for (const method of ['showAll', 'ShowName']) {
          wrong.delete(names[method])
          expect((await send(`/x/${names[method]}`)).text).to.equal(method)
          expect((await send(`/${names.struct}/${names[method]}`)).text).to.equal(method)
        }
        expect((await send(`/m/${names.ShowName}.${names.struct}`)).text).to.equal('ShowName')
        expect((await send('/x')).text).to.equal('index')
        for (const name of wrong) expect((await send(`/x/${name}`)).status, name).to.equal(404)
      },
      { nameToUri },
    )
  }

  bothWays(
    'kebab is what you get',
    (server) => {
      server.bindObject('/x', new NamesObject())
    },
    async (send) => {
      expect((await send('/x/show-all')).text).to.equal('showAll')
      expect((await send('/x/show-name')).text).to.equal('ShowName')
    },
  )

  it('two methods with one URI name are duplicates, and none is bound', () => {
    const server = new Server({ nameToUri: 'lower', logger: collectingLogger() })
    const error = thrownBy(() => server.bindObject('/x', { other: () => 'o', showAll: () => 'a', showall: () => 'b' }))
    expect(error).to.be.instanceOf(DuplicateRouteError)
    expect(server.routes()).to.deep.equal([])
  })
})
