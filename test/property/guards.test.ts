import { expect } from 'chai'
import fc from 'fast-check'
import { type Request, Server } from 'tribind'
import { readPathNaively } from './naive-path.ts'

/** What serves below /private, and beside it, in all the ways a route can be written. */
const routes = [
  '/private',
  '/private/:page',
  '/private/*rest',
  'GET:/private/secret',
  '/:area/secret',
  '/{first}vate/a',
  '/*any/a',
  '/*',
  '/private/:page@a.com',
  '/*any@*.a.com',
]

const pieces = [
  'private %70rivate privat%65 PRIVATE %2570rivate pri%C2%ADvate priv%C3%A0te private%00',
  '/ // /./ /../ /%2e/ /%2E%2e/ /.%2f %2f %2F \\ %5c ; ;/ # %23 ? %3f',
  'a secret s%65cret x/.. % %zz %ff %c0%af + %20 . * : @a.com',
].flatMap((line) => line.split(' '))

const arbitraryTail = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join(''))

/** Often below /private in some spelling; now and then in the absolute form, which names the host itself. */
const arbitraryTarget = fc
  .record({
    origin: fc.oneof({ weight: 5, arbitrary: fc.constant('') }, fc.constantFrom('http://a.com', 'HTTPS://b.a.com:80')),
    start: fc.constantFrom('/private/', '//private/', '/%70riv%61te//', '/private%2f', '/', '/x/../private/'),
    tail: arbitraryTail,
  })
  .map(({ origin, start, tail }) => origin + start + tail)

const arbitraryAsk = fc.record({
  url: arbitraryTarget,
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS'),
  host: fc.constantFrom('a.com', 'A.COM:80', 'x.a.com', 'other.org', 'a.com.'),
})

function pathOf(url: string): string {
  return (url.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0] as string) || '/'
}

/** A server with guards at /private/*, which notes who sees a request, in order. */
function createGuarded(seen: string[]): Server {
  const server = new Server()
  for (const route of routes) server.bindHandler(route, ({ path }: Request) => void seen.push('handler', path))
  server.bindHookHandler('/private/*', 'BeforeServe', () => void seen.push('hook'))
  server.bindMiddleware('/private/*', async (_request: Request, next) => {
    seen.push('middleware')
    await next()
  })
  return server
}

describe('property: a guard at /private/*', function () {
  this.timeout(60_000)

  it('is passed by every request that is served below /private, in whatever spelling', async () => {
    const seen: string[] = []
    const server = createGuarded(seen)
    let guarded = 0
    const property = fc.asyncProperty(arbitraryAsk, async (ask) => {
      seen.length = 0
      const answer = await server.inject({ method: ask.method, url: ask.url, headers: { host: ask.host } })
      // No form of a request target has a fragment (RFC 9112, section 3.2).
      const path = ask.url.includes('#') ? undefined : readPathNaively(pathOf(ask.url))
      if (path === undefined) {
        expect(answer.status).to.equal(400)
        expect(seen).to.deep.equal([])
        return
      }
      const shown = '/' + path.map((segment) => segment.replaceAll('/', '%2F')).join('/')
      const isBelow = path[0] === 'private'
      if (isBelow) guarded++
      expect(seen).to.deep.equal([...(isBelow ? ['hook', 'middleware'] : []), 'handler', shown])
    })
    await fc.assert(property, { numRuns: 2000 })
    expect(guarded, 'requests below /private').to.be.above(200)
  })
})
