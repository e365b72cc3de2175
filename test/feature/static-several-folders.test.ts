import { setTimeout as wait } from 'node:timers/promises'
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
      'first/docs/home.html': 'first home',
      'first/file': 'first file',
      'first/both/a.txt': 'a',
      'first/target.txt': 'first target',
      'first/link.txt': { to: 'target.txt' },
      'first/app.js': 'app',
      'first/app.js.br/index.html': 'first folder',
      'second/docs/index.html': 'second index',
      'second/file/index.html': 'second index',
      'second/both/index.html': 'second both',
      'second/link.txt': 'second text',
      'second/app.js.br': 'second neighbour',
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

  bothWays(
    'answer in the same way once files were asked for by other paths',
    (server) => {
      const names = ['index.html', 'home.html']
      server.serveStatic('/', [`${folder}/first`, `${folder}/second`], { index: names })
      server.serveStatic('/linked', [`${folder}/first`, `${folder}/second`], { index: names, followSymlinks: true })
      server.serveStatic('/bare', [`${folder}/first`, `${folder}/second`], { index: false })
      server.serveStatic('/coded', [`${folder}/first`, `${folder}/second`], { index: names, preCompressed: true })
    },
    async (send) => {
      // What has changed less than a second ago isn't kept.
      await wait(1050)
      const headers = { 'accept-encoding': 'br' }
      for (let i = 0; i < 3; i++)
        for (const [url, text] of [
          ['/docs/index.html', 'second index'],
          ['/docs/', 'first home'],
          ['/file/index.html', 'second index'],
          ['/file/', 'first file'],
          ['/both/', 'second both'],
          ['/link.txt', 'second text'],
          ['/linked/link.txt', 'first target'],
          ['/coded/app.js', 'app'],
          ['/coded/app.js.br/', 'first folder'],
          ['/coded/app.js.br', ''],
          ['/bare/app.js.br', 'second neighbour'],
        ] as const)
          expect((await send({ url, headers })).text, url).to.equal(text)
    },
  )

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
