import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import express, { type NextFunction, type Request as Req, type Response as Res } from 'express'
import { ConfigError, fromExpress, HttpError } from 'tribind'
import { bothWays, callUntyped, overHttp1, thrownBy } from './both-ways.ts'

const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }

describe('fromExpress: request and response', () => {
  bothWays(
    'have what Express gives them',
    (server) => {
      const seen: Record<string, unknown> = {}
      server.use(
        fromExpress((req: Req, res: Res, next) => {
          const { hostname, protocol, secure, originalUrl, baseUrl, path, query, xhr } = req
          Object.assign(seen, { hostname, protocol, secure, originalUrl, baseUrl, path, query, xhr, ip: req.ip })
          seen['get'] = req.get('X-Asked')
          seen['accepts'] = req.accepts(['html', 'json'])
          seen['params'] = req.params
          seen['env'] = req.app.get('env')
          seen['isSame'] = req.res === res && res.req === req && res.app === req.app
          res.locals['name'] = 'ann'
          res.status(201).set('X-Set', '1').append('X-Set', '2').cookie('a', 'b').vary('Accept').type('json')
          next()
        }),
      )
      server.get('/users/:id', ({ raw, response }) => {
        const { locals } = response.raw as unknown as Res
        return JSON.stringify([locals['name'], (raw as unknown as Req).get('x-asked')])
      })
      return seen
    },
    async (send, seen, { isSecure, way }) => {
      const headers = { 'x-asked': 'yes', accept: 'application/json' }
      const { status, text, header } = await send({ url: '/users/7?a=1&a=2', headers })
      expect([status, text]).to.deep.equal([201, '["ann","yes"]'])
      expect(header('x-set')).to.equal('1, 2')
      expect(header('set-cookie')).to.equal('a=b; Path=/')
      expect(header('vary')).to.equal('Accept')
      expect(header('content-type')).to.equal('application/json; charset=utf-8')
      expect(header('x-powered-by')).to.equal(undefined)
      expect(seen).to.deep.include({ protocol: isSecure ? 'https' : 'http', secure: isSecure, get: 'yes' })
      expect(seen).to.deep.include({ originalUrl: '/users/7?a=1&a=2', baseUrl: '', path: '/users/7', xhr: false })
      expect(seen).to.deep.include({ accepts: 'json', isSame: true, env: process.env['NODE_ENV'] ?? 'development' })
      expect({ ...(seen['params'] as object) }).to.deep.equal({ id: '7' })
      expect({ ...(seen['query'] as object) }).to.deep.equal({ a: ['1', '2'] })
      expect(seen['hostname']).to.be.oneOf(['127.0.0.1', 'localhost'])
      if (way !== 'inject') expect(seen['ip']).to.match(/127\.0\.0\.1$/)
    },
  )

  bothWays(
    'answer in all the ways of Express, and the rest is left out',
    (server) => {
      const ways: Record<string, (res: Res) => unknown> = {
        send: (res) => res.send('<p>text</p>'),
        json: (res) => res.status(202).json({ a: 1 }),
        sendStatus: (res) => res.sendStatus(403),
        redirect: (res) => res.redirect(301, '/elsewhere'),
        sendFile: (res) => res.sendFile('LICENSE', { root: '.' }),
        later: (res) => sleep(1).then(() => res.send('later')),
      }
      for (const [name, act] of Object.entries(ways)) {
        server.bindMiddleware(
          `/${name}`,
          fromExpress((_req: Req, res: Res) => act(res)),
        )
      }
      server.all('/:name', () => 'never')
    },
    async (send) => {
      const seen: unknown[] = []
      for (const url of ['send', 'json', 'sendStatus', 'redirect', 'sendFile', 'later', 'none']) {
        const { status, text, header } = await send(`/${url}`)
        seen.push([status, text.slice(0, 11), header('location') ?? header('content-type')])
      }
      expect(seen).to.deep.equal([
        [200, '<p>text</p>', 'text/html; charset=utf-8'],
        [202, '{"a":1}', 'application/json; charset=utf-8'],
        [403, 'Forbidden', 'text/plain; charset=utf-8'],
        [301, 'Moved Perma', '/elsewhere'],
        [200, 'MIT License', 'application/octet-stream'],
        [200, 'later', 'text/html; charset=utf-8'],
        [200, 'never', 'text/plain; charset=utf-8'],
      ])
    },
  )

  bothWays(
    'tell of the client behind a proxy that trustProxy names',
    (server) => {
      server.use(
        fromExpress((req: Req, res: Res) => {
          res.json([req.ip, req.protocol, req.hostname, req.host])
        }),
      )
    },
    async (send) => {
      const headers = {
        'x-forwarded-for': '192.0.2.7',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'books.example:8443',
      }
      expect((await send({ url: '/', headers })).text).to.equal(
        '["192.0.2.7","https","books.example","books.example:8443"]',
      )
    },
    { trustProxy: true },
  )
})

describe('fromExpress: several guests, mounts and errors', () => {
  bothWays(
    'run in their order, an error handler after them, under the path where they are mounted',
    (server) => {
      const router = express.Router()
      router.get('/fails', () => Promise.reject(new Error('rejected')))
      router.get('/:name', (req, res, next) => {
        res.append('X-Seen', `${req.baseUrl} ${req.url} ${req.params['name']}`)
        next()
      })
      const handleError = (error: Error, _req: Req, res: Res, _next: NextFunction) => {
        res.status(418).send(`caught: ${error.message}`)
      }
      server.use(fromExpress([router, handleError], { path: '/app' }))
      server.get('/*', (request) => [request.url, request.raw.url])
    },
    async (send) => {
      const inner = await send('/app/ann?q=1')
      expect([inner.header('x-seen'), inner.text]).to.deep.equal([
        '/app /ann?q=1 ann',
        '["/app/ann?q=1","/app/ann?q=1"]',
      ])
      const failed = await send('/app/fails')
      expect([failed.status, failed.text]).to.deep.equal([418, 'caught: rejected'])
      expect((await send('/apps/ann')).header('x-seen')).to.equal(undefined)
    },
  )

  bothWays(
    'pass errors on to middleware around them, thrown, rejected or given to next',
    (server) => {
      const ways: Record<string, (next: NextFunction) => unknown> = {
        thrown: () => {
          throw new HttpError(409, 'thrown')
        },
        rejected: () => Promise.reject(new HttpError(409, 'rejected')),
        next: (next) => next(new HttpError(409, 'next')),
        later: (next) => void setImmediate(() => next(new HttpError(409, 'later'))),
      }
      const caught: unknown[] = []
      server.use(async (_request, next) => {
        await next().catch((error: unknown) => {
          caught.push((error as Error).message)
          throw error
        })
      })
      for (const [name, act] of Object.entries(ways)) {
        server.bindMiddleware(
          `/${name}`,
          fromExpress((_req: Req, _res: Res, next: NextFunction) => act(next)),
        )
      }
      return caught
    },
    async (send, caught) => {
      for (const name of ['thrown', 'rejected', 'next', 'later']) {
        const { status, text } = await send(`/${name}`)
        expect([status, text, caught.pop()]).to.deep.equal([409, name, name])
      }
    },
  )

  it('are named in the list of routes, and what is none of them is refused', () => {
    const named = fromExpress(function named(_req, _res, next) {
      next()
    })
    expect(named.name).to.equal('named')
    for (const [bad, words] of [
      [undefined, 'fromExpress: expected a function (req, res, next), got undefined'],
      [[() => {}, 'text'], 'fromExpress: expected a function (req, res, next), got "text"'],
    ] as const) {
      const error = thrownBy(() => callUntyped({ fromExpress }, 'fromExpress', bad))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.equal(words)
    }
    const error = thrownBy(() => callUntyped({ fromExpress }, 'fromExpress', () => {}, { path: 'files' }))
    expect(error.message).to.include('fromExpress: option "path" must be a path that starts with "/", got "files"')
  })
})

describe('fromExpress: req.body', () => {
  const answerBody = fromExpress((req: Req, res: Res, next) => {
    res.set('X-Body', JSON.stringify(req.body) ?? 'undefined')
    next()
  })

  bothWays(
    'is a form or JSON, which stays there for the handler',
    (server) => {
      server.use(answerBody)
      server.post('/form', async (request) => request.form())
      server.post('/json', async (request) => request.json())
      server.post('/text', async (request) => request.text())
    },
    async (send) => {
      const bodies = [
        ['/form', urlencoded, 'a=1&b=2&b=3', '{"a":"1","b":["2","3"]}'],
        ['/json', json, '[1]', '[1]'],
      ] as const
      for (const [url, headers, body, parsed] of bodies) {
        const { text, header } = await send({ method: 'POST', url, headers, body })
        expect([header('x-body'), text]).to.deep.equal([parsed, parsed])
      }
      const other = await send({ method: 'POST', url: '/text', headers: { 'content-type': 'text/plain' }, body: 'a' })
      expect([other.header('x-body'), other.text]).to.deep.equal(['undefined', 'a'])
      expect((await send('POST /text')).header('x-body')).to.equal('undefined')
    },
  )

  bothWays(
    'is undefined where it cannot be parsed: the handler that reads it is told',
    (server) => {
      server.use(answerBody)
      server.post('/json', async (request) => request.json())
      server.post('/other', () => 'unread')
      server.bindStatusHandler(400, (request) => request.response.setHeader('X-Status', '400'))
    },
    async (send) => {
      const broken = await send({ method: 'POST', url: '/json', headers: json, body: '{' })
      expect([broken.status, broken.header('x-status')]).to.deep.equal([400, '400'])
      const unread = await send({ method: 'POST', url: '/other', headers: json, body: '{' })
      expect([unread.status, unread.header('x-body')]).to.deep.equal([200, 'undefined'])
    },
  )

  bothWays(
    'is what was put there before, by code or another guest',
    (server) => {
      server.use((request, next) => {
        Object.assign(request.raw, { body: 'ours' })
        return next()
      })
      server.use(answerBody)
      server.post('/', async (request) => request.form())
    },
    async (send) => {
      const { text, header } = await send({ method: 'POST', url: '/', headers: urlencoded, body: 'a=1' })
      expect([header('x-body'), text]).to.deep.equal(['"ours"', '{"a":"1"}'])
    },
  )

  bothWays(
    'is left alone, and so is the stream, with the option body: false',
    (server) => {
      server.use(
        fromExpress(
          (req: Req, res: Res, next) => {
            res.set('X-Body', typeof req.body)
            next()
          },
          { body: false },
        ),
      )
      server.post('/', async (request) => {
        let text = ''
        for await (const chunk of request.body) text += String(chunk)
        return text
      })
    },
    async (send) => {
      const { text, header } = await send({ method: 'POST', url: '/', headers: json, body: '{"a":1}' })
      expect([header('x-body'), text]).to.deep.equal(['undefined', '{"a":1}'])
    },
  )

  overHttp1(
    'of which too much is sent is refused where the handler reads it',
    (server) => {
      server.use(answerBody)
      server.post('/', async (request) => request.form())
    },
    async (send) => {
      const { status } = await send({ method: 'POST', url: '/', headers: urlencoded, body: `a=${'a'.repeat(100)}` })
      expect(status).to.equal(413)
    },
    { maxBodySize: 50 },
  )
})
