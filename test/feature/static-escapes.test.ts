import fc from 'fast-check'
import { expect } from 'chai'
import { Server } from 'tribind'
import { overHttp1, portOf, rawExchange } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

const PUBLIC = 'for everybody'
const GUARDED = 'behind the guard'
const OUTSIDE = 'nobody may see this'

// What paths are made of that want out: each in every spelling that some server or other has been fooled by.
const pieces = String.raw`/ // \ %2f %2F %5c %5C %255c %252f %c0%af %e0%80%af %u2215 ;/ /./ /;/
  .. . ... %2e%2e %2E. .%2e %252e%252e %c0%ae%c0%ae %00 %0 % %20 .%20 ..; assets private %70rivate PRIVATE private%00
  private. pub.txt secret.txt secret%2etxt outside.txt .env %2eenv link-out link-up link-in deep file: C: ~ * ? # ::$DATA`
  .split(/\s+/)
  .concat('\0')

const hex = (char: string) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`

describe('static folders: ways out', () => {
  let folder = ''

  before(() => {
    folder = temporaryFolder({
      'root/pub.txt': PUBLIC,
      'root/deep/pub.txt': PUBLIC,
      'root/private/secret.txt': GUARDED,
      'root/.env': OUTSIDE,
      'root/.git/config': OUTSIDE,
      'root/link-out': { to: '../outside.txt' },
      'root/link-up': { to: '..' },
      'root/deep/link-up': { to: '../..' },
      'root/link-in': { to: 'private' },
      'root/deep/link-in': { to: '../private/secret.txt' },
      'outside.txt': OUTSIDE,
      'pub.txt': OUTSIDE,
      'root-sibling/pub.txt': OUTSIDE,
    })
  })

  function build(): Server {
    const server = new Server({ port: 0, logger: { debug() {}, info() {}, warn() {}, error: console.error } })
    for (const prefix of ['/assets', '/']) server.serveStatic(prefix, `${folder}/root`, { listing: true, index: false })
    for (const pattern of ['/assets/private/*', '/private/*']) {
      server.bindHookHandler(pattern, 'BeforeServe', (request) => {
        request.response.writeStatus(401)
        request.exitAll()
      })
    }
    server.get('/rooted/*path', ({ params, response }) =>
      response.serveFile(params.path, { root: `${folder}/root/deep` }),
    )
    server.get('/next', () => 'next')
    return server
  }

  const noise = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 9 }).map((parts) => parts.join(''))

  // What is worth reaching, each character and each separator spelled in some way.
  const spell = (char: string) =>
    fc.oneof(
      { weight: 20, arbitrary: fc.constant(char) },
      fc.constantFrom(hex(char), hex(char).toUpperCase(), hex('%') + hex(char).slice(1), char.toUpperCase()),
    )
  const separator = fc.constantFrom(
    '/',
    '/',
    '/',
    '//',
    '%2f',
    '%252f',
    '\\',
    '%5c',
    '/./',
    '/x/../',
    ';/',
    '/%2e/',
    '%00/',
  )
  const aimed = fc
    .constantFrom(
      ['private', 'secret.txt'],
      ['..', 'outside.txt'],
      ['link-up', 'outside.txt'],
      ['deep', '..', '..', 'outside.txt'],
      ['.env'],
      ['..', 'root-sibling', 'pub.txt'],
      ['link-out'],
      ['link-in', 'secret.txt'],
      ['deep', 'link-in'],
    )
    .chain((names) => fc.tuple(...names.flatMap((name) => [...[...name].map(spell), separator]).slice(0, -1)))
    .map((parts) => parts.join(''))
  const path = fc.oneof(noise, aimed)

  it('there is none, in whatever spelling (inject)', async function () {
    this.timeout(60_000)
    const server = build()
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/', '/assets/', '/assets/private/', '/rooted/', '/assets/deep/'),
        path,
        async (start, rest) => {
          const answer = await server.inject({ url: (start + rest).replaceAll('\0', '%00').replaceAll(' ', '%20') })
          statuses.add(answer.status)
          expect(answer.text())
            .to.not.include(OUTSIDE)
            .and.to.not.include(GUARDED)
            .and.to.not.include('outside.txt</a>')
          expect(answer.status).to.be.below(500)
        },
      ),
      { seed: 20261121, numRuns: 3000 },
    )
    expect([...statuses]).to.include.members([200, 301, 400, 401, 404])
    expect((await server.inject({ url: '/assets/pub.txt' })).text()).to.equal(PUBLIC)
  })

  it('there is none over a raw socket', async function () {
    this.timeout(60_000)
    const server = build()
    await server.start()
    const port = portOf(server)
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('', '/', '/assets/', '/assets/private/', 'http://a/assets/'),
          path,
          async (start, rest) => {
            const request = `GET ${start}${rest} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
            const answer = await rawExchange(port, request).catch(() => '')
            expect(answer).to.not.include(OUTSIDE).and.to.not.include(GUARDED)
            expect(answer).to.match(/^(HTTP\/1\.1 [234]\d\d|$)/)
          },
        ),
        { seed: 20261121, numRuns: 600 },
      )
      expect(await rawExchange(port, 'GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).to.match(/next$/)
    } finally {
      await server.stop()
    }
  })

  overHttp1(
    'the ways that are known are closed, and the next request is served',
    (server) => {
      server.serveStatic('/assets', `${folder}/root`)
      server.get('/next', () => 'next')
    },
    async (send, _world, { port }) => {
      for (const target of [
        '/assets/../outside.txt',
        '/assets/..%2foutside.txt',
        '/assets/%2e%2e/outside.txt',
        '/assets/%2e%2e%2foutside.txt',
        '/assets/%252e%252e%252foutside.txt',
        '/assets/..\\outside.txt',
        '/assets/..%5coutside.txt',
        '/assets/%c0%ae%c0%ae/outside.txt',
        '/assets/....//outside.txt',
        '/assets/..;/outside.txt',
        '/assets/pub.txt%00.html',
        '/assets/%00',
        '/assets//etc/passwd',
        `/assets/${encodeURIComponent('/etc/passwd')}`,
        '/assets/../root-sibling/pub.txt',
        '/assets-sibling/pub.txt',
        '/assets/link-out',
        '/assets/link-up/outside.txt',
        '/assets/deep/link-up/pub.txt',
        '/assets/link-in/secret.txt',
        '/assets/deep/link-in',
        '/assets/.env',
        '/assets/%2eenv',
        '/assets/.git/config',
        '/assets/deep/../../outside.txt',
        '/assets/deep%2fpub.txt',
        '/assets/' + 'x/'.repeat(2000),
        '/assets/' + 'x'.repeat(5000),
      ]) {
        const answer = await rawExchange(port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
        expect(answer, target).to.match(/^HTTP\/1\.1 40[04]/)
        expect((await send('/next')).text).to.equal('next')
      }
    },
  )
})
