import { expect } from 'chai'
import { HttpError } from 'tribind'
import { bothWays } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('files on the road of a response', () => {
  let folder = ''
  const file = (name: string) => `${folder}/${name}`

  before(() => {
    folder = temporaryFolder({ 'a.txt': '0123456789', 'page.html': '<p>é</p>' })
  })

  bothWays(
    'it takes the road of every response, awaited or not',
    (server) => {
      const seen: string[] = []
      server.use(async ({ response }, next) => {
        await next()
        seen.push(`middleware ${response.status}`)
      })
      server.bindHookHandler('/*', 'AfterServe', ({ response, cookie }) => {
        seen.push(`AfterServe ${response.status}`)
        cookie.set('seen', 'yes')
      })
      server.bindHookHandler('/*', 'BeforeOutput', ({ response }) => response.setHeader('X-Out', 'yes'))
      server.bindStatusHandler(404, ({ response }) => response.writeOver('nothing here'))
      server.get('/awaited', async ({ response }) => {
        await response.serveFile(file('a.txt'))
        seen.push(`handler ${response.status}`)
      })
      server.get('/not', ({ response }) => {
        void response.serveFile(file('a.txt'))
      })
      server.get('/exit', (request) => {
        void request.response.serveFile(file('a.txt'))
        request.exitAll()
      })
      server.get('/missing', ({ response }) => {
        void response.serveFile(file('missing'))
      })
      server.get('/caught', async ({ response }) => {
        try {
          await response.serveFile(file('missing'))
          return 'found'
        } catch (error) {
          return error instanceof HttpError ? `caught ${error.status}` : 'what?'
        }
      })
      server.get('/fallback', ({ response }) =>
        response.serveFile(file('missing')).catch(() => response.serveFile(file('a.txt'))),
      )
      server.get('/twice', ({ response }) => {
        void response.serveFile(file('page.html'))
        void response.serveFile(file('a.txt'))
      })
      server.get('/dropped', ({ response }) => {
        void response.serveFile(file('page.html'))
        response.writeOver('dropped')
      })
      return seen
    },
    async (send, seen) => {
      for (const path of ['/awaited', '/not', '/fallback', '/twice']) {
        seen.length = 0
        const answer = await send(path)
        expect([answer.status, answer.text], path).to.deep.equal([200, '0123456789'])
        expect(answer.header('set-cookie'), path).to.match(/^seen=yes/)
        expect(answer.header('x-out'), path).to.equal('yes')
        expect(seen.slice(-2), path).to.deep.equal(['middleware 200', 'AfterServe 200'])
      }
      const exited = await send('/exit')
      expect([exited.text, exited.header('x-out')]).to.deep.equal(['0123456789', undefined])
      const missing = await send('/missing')
      expect([missing.status, missing.text]).to.deep.equal([404, 'nothing here'])
      const caught = await send('/caught')
      expect([caught.status, caught.text]).to.deep.equal([200, 'caught 404'])
      expect((await send('/dropped')).text).to.equal('dropped')
    },
  )

  bothWays(
    'a file can explain an error, then it is sent whole; nothing is written beside it',
    (server) => {
      server.bindStatusHandler(404, ({ response }) => response.serveFile(file('page.html')))
      server.get('/beside', async ({ response }) => {
        await response.serveFile(file('a.txt'))
        response.write('beside')
      })
      server.post('/posted', ({ response }) => response.serveFile(file('a.txt')))
    },
    async (send) => {
      const answer = await send({ url: '/nowhere', headers: { range: 'bytes=0-1', 'if-none-match': '*' } })
      expect([answer.status, answer.text]).to.deep.equal([404, '<p>é</p>'])
      expect(answer.header('content-type')).to.equal('text/html; charset=utf-8')
      expect([answer.header('etag'), answer.header('last-modified')]).to.deep.equal([undefined, undefined])
      expect((await send('/beside')).status).to.equal(500)
      const posted = await send({
        method: 'POST',
        url: '/posted',
        headers: { range: 'bytes=0-1', 'if-none-match': '*' },
      })
      expect([posted.status, posted.text]).to.deep.equal([200, '0123456789'])
    },
  )

  bothWays(
    'a middleware that catches the failure of a missing file has handled it, awaited or not',
    (server) => {
      server.use(async (_request, next) => {
        try {
          await next()
          return undefined
        } catch (error) {
          return error instanceof HttpError ? `caught ${error.status}` : 'what?'
        }
      })
      server.get('/awaited', ({ response }) => response.serveFile(file('missing')))
      server.get('/not', ({ response }) => {
        void response.serveFile(file('missing'))
      })
    },
    async (send) => {
      for (const path of ['/awaited', '/not']) {
        const answer = await send(path)
        expect([answer.status, answer.text], path).to.deep.equal([200, 'caught 404'])
      }
    },
  )

  bothWays(
    'a status handler whose file is missing runs once, and the plain answer goes out',
    (server) => {
      const seen: string[] = []
      server.bindStatusHandler(404, ({ response }) => {
        seen.push('404')
        void response.serveFile(file('missing'))
      })
      server.bindStatusHandler(409, async ({ response }) => {
        seen.push('409')
        await Promise.resolve()
        void response.serveFile(file('missing'))
      })
      server.get('/conflict', () => {
        throw new HttpError(409)
      })
      return seen
    },
    async (send, seen) => {
      const answer = await send('/nowhere')
      expect([answer.status, answer.text]).to.deep.equal([404, 'Not Found'])
      expect(seen.splice(0)).to.deep.equal(['404'])
      expect((await send('/conflict')).status).to.equal(404)
      expect(seen).to.deep.equal(['409', '404'])
    },
  )
})
