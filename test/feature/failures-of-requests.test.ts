import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import type { Request, Response } from 'tribind'
import { bothWays, rejected } from './both-ways.ts'
import { expectFailure, failureOf } from './expect-failure.ts'

const download = (name: unknown) => (request: Request) =>
  request.response.serveFileDownload('package.json', name as string)
const respond = (act: (response: Response, request: Request) => unknown) => (request: Request) =>
  act(request.response, request)

function sendEvent(event: object) {
  return ({ response }: Request) => {
    const events = response.sse()
    try {
      void events.send(event as never)
    } finally {
      events.close()
    }
  }
}

/** What makes each failure of a request: a handler that throws or rejects. */
const handlers: Readonly<Record<string, readonly ((request: Request) => unknown)[]>> = {
  RESPONSE_STATUS: [
    respond((response) => (response.status = 99)),
    respond((response) => response.writeStatus('200' as never)),
  ],
  RESPONSE_REDIRECT_STATUS: [respond((response) => response.redirectTo('/', 200))],
  RESPONSE_REDIRECT_TARGET: [
    respond((response) => response.redirectTo('ftp://x/')),
    respond((response) => response.redirectTo(5 as never)),
  ],
  RESPONSE_HEADER_FIELD: [
    respond((response) => response.setHeader('a b', 'x')),
    respond((response) => response.addHeader('a', undefined as never)),
    respond((response) => response.setHeader('a', ['x\r\ny'])),
  ],
  RESPONSE_CONTENT: [
    respond((response) => response.write(new Map())),
    respond((response) => response.writeJson(() => {})),
    respond((response) => response.writeHtml(5 as never)),
    respond((response) => response.setBuffer({} as never)),
    respond((response) => response.stream('text' as never)),
  ],
  RESPONSE_SECOND_STREAM: [
    respond((response) => {
      response.stream(['a'])
      response.stream(['b'])
    }),
  ],
  RESPONSE_BESIDE_FILE: [
    respond(async (response) => {
      await response.serveFile('package.json')
      response.write('x')
    }),
  ],
  RESPONSE_FILE_NAME: [download(5)],
  EVENT_FIELD: [sendEvent({ event: 'a\nb', data: '' })],
  EVENT_RETRY: [sendEvent({ retry: -1, data: '' })],
  COOKIE_NAME: [respond((_, { cookie }) => cookie.set('a b', 'x'))],
  COOKIE_VALUE: [
    respond((_, { cookie }) => cookie.set('a', undefined as never)),
    respond((_, { cookie }) => cookie.set('a', '\ud800')),
  ],
  COOKIE_PREFIX: [
    respond((_, { cookie }) => cookie.set('__Host-a', 'x', { secure: true, path: '/b' })),
    respond((_, { cookie }) => cookie.set('__Secure-a', 'x', { secure: false })),
  ],
  COOKIE_ATTRIBUTE: [respond((_, { cookie }) => cookie.set('a', 'x', { path: '/;b' }))],
  COOKIE_SECRET: [
    respond((_, { cookie }) => cookie.set('a', 'x', { signed: true })),
    respond((_, { cookie }) => cookie.get('a', { signed: true })),
  ],
  BODY_READ: [
    async (request) => {
      await request.text()
      return request.body
    },
    (request) => {
      void request.body
      return request.json()
    },
  ],
  BODY_JSON: [(request) => request.json()],
  BODY_TYPE: [(request) => request.form()],
  SESSION_DISABLED: [(request) => request.session],
  FILE_NOT_FOUND: [respond((response) => response.serveFile('missing'))],
  JSONP_CALLBACK: [respond((response) => response.writeJsonp(1))],
}

describe('failures of requests', () => {
  for (const [failure, acts] of Object.entries(handlers)) {
    for (const [i, act] of acts.entries()) {
      let thrown: unknown
      bothWays(
        `are named: ${failure} ${i + 1}`,
        (server) => {
          server.use((_, next) => next().catch((error: unknown) => void (thrown = error)))
          // Reads the result: a getter that throws does so here.
          server.post('/', async (request) => void (await act(request)))
        },
        async (send) => {
          thrown = undefined
          const headers = { 'content-type': 'application/json' }
          await send({ method: 'POST', url: '/?callback=a-b', headers, body: '{' })
          expectFailure(thrown, failure)
        },
      )
    }
  }

  const big = Buffer.alloc(2000)
  const requests: Readonly<
    Record<string, { headers?: Record<string, string>; body?: string | Buffer; status: number }>
  > = {
    BODY_TOO_LARGE: { body: big, status: 413 },
    BODY_ENCODING: { body: 'x', headers: { 'content-encoding': 'zip' }, status: 415 },
    BODY_INFLATE: { body: 'x', headers: { 'content-encoding': 'gzip' }, status: 400 },
    BODY_CHARSET: { body: 'x', headers: { 'content-type': 'text/plain; charset=none' }, status: 415 },
    BODY_TEXT: { body: Buffer.from([0xff]), status: 400 },
    FORM_SYNTAX: { body: 'x', headers: { 'content-type': 'multipart/form-data; boundary=b' }, status: 400 },
    FORM_NAME: { body: '__proto__=1', headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 400 },
    FORM_LIMIT: { body: 'a=1&b=2', headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 413 },
  }
  for (const [failure, { status, headers, body }] of Object.entries(requests)) {
    let thrown: unknown
    bothWays(
      `that a client causes are named, and are not told to it: ${failure}`,
      (server) => {
        server.use((_, next) =>
          next().catch((error: unknown) => {
            thrown = error
            throw error
          }),
        )
        server.post('/', (request) => (failure.startsWith('FORM') ? request.form() : request.text()))
      },
      async (send) => {
        thrown = undefined
        const answer = await send({ method: 'POST', url: '/', headers: headers ?? {}, body: body ?? '' })
        expect(answer.status).to.equal(status)
        expect(answer.text).not.to.contain('ERR_')
        expectFailure(thrown, failure)
      },
      { maxBodySize: 1000, upload: { maxFields: 1 } },
    )
  }

  bothWays(
    'of a late call, of middleware and of a schema are named',
    (server) => {
      server.get('/next', () => 'ok')
      server.bindMiddleware('/next', async (_, next) => {
        await next()
        return ` ${String(failureOf(() => void next()))}`
      })
      server.get('/network', () => globalThis.Response.error())
      server.bindMiddleware('/network', async (_, next) => Reflect.get(await rejected(next()), 'failure'))
      server.get('/late', async function* ({ cookie, response }) {
        yield 'begun '
        while (!response.sent) await setImmediate()
        yield `${String(failureOf(() => cookie.set('a', 'x')))} ${String(failureOf(() => response.sse()))}`
      })
      server.get('/parse', async (request) => {
        const issues = [{ message: 'no' }]
        const schema = { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) } } as const
        return Reflect.get(await rejected(request.parse(schema)), 'failure')
      })
    },
    async (send) => {
      expect((await send({ url: '/next' })).text).to.equal('ok ERR_TRIBIND_NEXT_TWICE')
      expect((await send({ url: '/network' })).text).to.equal('ERR_TRIBIND_RESPONSE_NETWORK_ERROR')
      expect((await send({ url: '/late' })).text).to.equal('begun ERR_TRIBIND_RESPONSE_SENT ERR_TRIBIND_RESPONSE_SENT')
      expect((await send({ url: '/parse' })).text).to.equal('ERR_TRIBIND_VALIDATION')
    },
  )
})
