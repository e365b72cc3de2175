import { expect } from 'chai'
import { fromConnect, HttpError } from 'tribind'
import { bothWays } from './both-ways.ts'

/** As `http-errors` creates them. */
function createError(status: number, message: string, fields: object = {}): Error {
  return Object.assign(new Error(message), { status, statusCode: status, expose: status < 500 }, fields)
}

const give = (fields: object) => Object.assign(new Error('secret'), fields)

/** What is thrown, and the status and text it is answered with. */
const thrown: Readonly<Record<string, readonly [error: unknown, status: number, text: string]>> = {
  client: [createError(404, 'no book'), 404, 'no book'],
  server: [createError(503, 'secret'), 503, 'Service Unavailable'],
  exposed: [createError(503, 'at noon', { expose: true }), 503, 'at noon'],
  hidden: [give({ statusCode: 409, expose: false }), 409, 'Conflict'],
  parser: [give({ status: 413, statusCode: 413, expose: true, type: 'entity.too.large' }), 413, 'secret'],
  // Such as the error of a client for HTTP, whose status is that of another server.
  upstream: [give({ status: 401 }), 500, 'Internal Server Error'],
  success: [give({ status: 200, expose: true }), 500, 'Internal Server Error'],
  large: [give({ status: 600, expose: true }), 500, 'Internal Server Error'],
  plain: [{ status: 404, expose: true, message: 'secret' }, 500, 'Internal Server Error'],
  trap: [
    Object.defineProperty(new Error('secret'), 'status', {
      get() {
        throw new Error('trap')
      },
    }),
    500,
    'Internal Server Error',
  ],
}

describe('errors of others that name a status and whether they are for the client', () => {
  bothWays(
    'count as an HttpError does, wherever they are thrown',
    (server) => {
      for (const [name, [error]] of Object.entries(thrown)) {
        const fail = () => {
          throw error
        }
        server.get(`/${name}/handler`, fail)
        // oxlint-disable-next-line prefer-promise-reject-errors
        server.get(`/${name}/promise`, () => Promise.reject(error))
        server.get(`/${name}/returned`, () => (error instanceof Error ? error : fail()))
        server.bindHookHandler(`/${name}/hook`, 'AfterServe', fail)
        server.bindMiddleware(`/${name}/middleware`, fail)
        server.get(`/${name}/template`, ({ view }) => {
          view.assign('fail', fail)
          return view.parseContent('<%= it.fail() %>')
        })
      }
    },
    async (send, _world, { log }) => {
      for (const [name, [, status, text]] of Object.entries(thrown)) {
        for (const way of ['handler', 'promise', 'returned', 'hook', 'middleware', 'template']) {
          log.length = 0
          const answer = await send(`/${name}/${way}`)
          expect([answer.status, answer.text], `${name} ${way}`).to.deep.equal([status, text])
          expect(
            log.map(({ level }) => level),
            `${name} ${way}`,
          ).to.deep.equal([status < 500 ? 'debug' : 'error'])
        }
      }
    },
  )

  bothWays(
    'bring the header fields that they name, where these are text that HTTP allows',
    (server) => {
      const headers = {
        'WWW-Authenticate': 'Basic',
        'Content-Range': 'bytes */3',
        'Content-Length': '1',
        'X-Number': 1,
        'X-Split': 'a\r\nb: c',
        'X Y': 'x',
      }
      server.get('/thrown', () => {
        throw createError(401, 'who?', { headers })
      })
      server.bindMiddleware(
        '/connect',
        fromConnect((_req, _res, next) => next(createError(401, 'who?', { headers }))),
      )
      server.get('/ours', () => {
        throw new HttpError(401, 'who?', { headers: { 'WWW-Authenticate': 'Basic', 'Content-Range': 'bytes */3' } })
      })
    },
    async (send) => {
      for (const path of ['/thrown', '/connect', '/ours']) {
        const { status, text, header } = await send(path)
        expect([status, text], path).to.deep.equal([401, 'who?'])
        expect([header('www-authenticate'), header('content-range')], path).to.deep.equal(['Basic', 'bytes */3'])
        for (const name of ['x-number', 'x-split', 'x y', 'b']) expect(header(name), name).to.equal(undefined)
      }
    },
  )
})
