import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { RouteError, Server } from 'tribind'
import { bothWays, thrownBy } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('static folders: several under one prefix', () => {
  let folder = ''

  before(() => {
    folder = temporaryFolder({
      'own/app.js': 'own app',
      'own/docs/page.txt': 'own page',
      'own/name/index.html': 'own index',
      'own/both/a.txt': 'own a',
      'theme/app.js': 'theme app',
      'theme/only.js': 'theme only',
      'theme/docs/index.html': 'theme docs',
      'theme/name': 'a file in the theme',
      'theme/both/a.txt': 'theme a',
      'theme/both/b.txt': 'theme b',
      'theme/.env': 'hidden',
      'theme/link.txt': { to: '../outside.txt' },
      'outside.txt': 'outside',
      'own/old/index.htm': 'own old',
      'theme/old/index.html': 'theme old',
      'own/file': 'own file',
      'theme/file/index.html': 'theme file',
    })
  })

  const roots = () => [`${folder}/own`, pathToFileURL(`${folder}/theme/`)]

  bothWays(
    'the first that has a file serves it',
    (server) => {
      server.serveStatic('/', roots())
      server.serveStatic('/listed', roots(), { listing: true })
    },
    async (send) => {
      for (const [url, status, text] of [
        ['/app.js', 200, 'own app'],
        ['/only.js', 200, 'theme only'],
        ['/docs/page.txt', 200, 'own page'],
        ['/docs/', 200, 'theme docs'],
        ['/docs', 301, ''],
        ['/name/', 200, 'own index'],
        ['/both/b.txt', 200, 'theme b'],
        ['/both/', 404, 'Not Found'],
        ['/none.js', 404, 'Not Found'],
        ['/.env', 404, 'Not Found'],
        ['/link.txt', 404, 'Not Found'],
      ] as const)
        for (let i = 0; i < 2; i++) {
          const answer = await send(url)
          expect([answer.status, answer.text], url).to.deep.equal([status, text])
        }
      const list = await send('/listed/both/')
      expect([...list.text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).to.deep.equal([
        '../',
        './a.txt',
        './b.txt',
      ])
    },
  )

  it('serve the same for a path with a slash, whatever was asked for before', async () => {
    const server = new Server()
    server.serveStatic('/', roots(), { index: ['index.html', 'index.htm'] })
    const send = async (url: string) => (await server.inject(url)).text()
    // What has changed less than a second ago isn't kept.
    await setTimeout(1050)
    for (const path of ['/old/', '/file/']) {
      const before = await send(path)
      expect(await send(`${path}index.html`)).to.match(/^theme/)
      expect(await send(path)).to.equal(before)
    }
  })

  it('are named in routes(), and refused where one is none', () => {
    const server = new Server()
    server.serveStatic('/', roots())
    expect(server.routes().map(({ name }) => name)).to.deep.equal([`${folder}/own, ${folder}/theme`])
    for (const [given, words] of [
      [[], 'at least one'],
      [[`${folder}/own`, `${folder}/missing`], `${folder}/missing`],
      [[`${folder}/own`, 1], 'got 1'],
    ] as const) {
      const error = thrownBy(() => server.serveStatic('/bad', given as unknown as string[]))
      expect(error).to.be.instanceOf(RouteError)
      expect(error.message).to.include(words).and.to.include('"/bad"')
    }
  })
})
