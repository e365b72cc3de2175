import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import corsOfConnect from 'cors'
import { compress, cors, fromConnect, HttpError, type Request, type RouterGroup, timeout } from 'tribind'
import { z } from 'zod'
import { type Answer, bothWays } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

const page = 'https://app.example'

function fail(): never {
  throw new Error('secret')
}

class Failing {
  init() {
    fail()
  }
  index() {
    return 'text'
  }
}

async function* failingChunks() {
  await sleep(1)
  yield fail()
}

/** Binds what fails, each in its way; returns the status that each path is answered with. */
function bindFailing(group: RouterGroup, folder: string): Record<string, number> {
  const handlers: Record<number, Record<string, (request: Request) => unknown>> = {
    400: {
      json: (request) => request.json(),
      parse: (request) => request.parse(z.object({ name: z.string() })),
    },
    403: { 'returned-error': () => new HttpError(403) },
    404: {
      'http-error': () => {
        throw new HttpError(404, 'no such book')
      },
      'write-status': ({ response }) => response.writeStatus(404),
      'missing-file': ({ response }) => response.serveFile(`${folder}/nothing`),
    },
    410: {
      'exit-all': (request) => {
        request.response.writeStatus(410)
        request.exitAll()
      },
    },
    413: { 'large-body': (request) => request.bytes() },
    415: { 'wrong-type': (request) => request.form() },
    500: {
      throws: fail,
      rejects: async () => (await sleep(1), fail()),
      chunks: failingChunks,
      'after-answer': ({ response }) => {
        response.setHeader('Content-Type', 'text/html')
        response.writeJson({ a: 1 })
        fail()
      },
      'bad-header': ({ response }) => response.setHeader('X-A', 'a\nb'),
    },
  }
  const statuses: Record<string, number> = {}
  for (const [status, named] of Object.entries(handlers)) {
    for (const [name, handler] of Object.entries(named)) {
      group.post(`/${name}`, handler)
      statuses[name] = Number(status)
    }
  }
  group.bindController('/init', Failing)
  group.serveStatic('/static', folder)
  return { ...statuses, init: 500, 'static/nothing': 404 }
}

const goOn = (_request: unknown, next: () => Promise<void>) => next()

function expectFields({ header, status }: Answer, expected: number, name: string): void {
  expect([status, header('access-control-allow-origin')], name).to.deep.equal([expected, page])
  expect(header('access-control-expose-headers'), name).to.equal('X-Total')
  expect(header('access-control-allow-credentials'), name).to.equal('true')
  expect(header('vary'), name).to.match(/\bOrigin\b/)
}

const options = { origin: [page], credentials: true, exposedHeaders: 'X-Total' }
const kinds = {
  'cors()': () => cors(options),
  'the package cors, adapted': () => fromConnect(corsOfConnect(options)),
}

describe('errors of a group have the CORS fields', () => {
  const folder = temporaryFolder({ 'file.txt': 'text' })
  const headers = { origin: page, 'content-type': 'application/json', 'accept-encoding': 'gzip' }
  const post = (name: string) => {
    const method = name.startsWith('static') ? 'GET' : 'POST'
    const body = name === 'large-body' ? 'x'.repeat(20_000) : name === 'json' ? '{"name' : '{}'
    return { method, url: `/api/${name}`, headers, ...(method === 'POST' ? { body } : {}) }
  }

  for (const [kind, create] of Object.entries(kinds)) {
    bothWays(
      `${kind}: handlers, bodies, files, objects`,
      (server) => {
        const group = server.group('/api')
        group.use(create(), goOn, compress())
        return bindFailing(group, folder)
      },
      async (send, statuses) => {
        for (const [name, status] of Object.entries(statuses)) expectFields(await send(post(name)), status, name)
      },
      { maxBodySize: 10_000 },
    )

    bothWays(
      `${kind}: hooks and status handlers`,
      (server) => {
        server.group('/api', (group) => {
          group.use(create())
          group.post('/:event', () => 'text')
          group.post('/status', ({ response }) => response.writeStatus(409))
        })
        for (const event of ['AfterServe', 'BeforePatch', 'AfterPatch', 'BeforeOutput'] as const) {
          // Once only: it runs again for the answer to what it throws.
          server.bindHookHandler(`/api/${event}`, event, ({ response }) => {
            if (response.status !== 500) fail()
          })
        }
        server.bindStatusHandler(409, fail)
      },
      async (send) => {
        for (const name of ['AfterServe', 'BeforePatch', 'AfterPatch', 'BeforeOutput', 'status'])
          expectFields(await send(post(name)), 500, name)
      },
    )

    bothWays(
      `${kind}: middleware inside, timeouts inside and around`,
      (server) => {
        const group = server.group('/api')
        group.group('/inside', (inside) => {
          inside.use(create(), timeout(5))
          inside.post('/', () => sleep(100))
        })
        group.group('/around', (around) => {
          around.use(timeout(5), create())
          around.post('/', () => sleep(100))
        })
        group.group('/next', (guest) => {
          guest.use(
            create(),
            fromConnect((_req, _res, next) => next(Object.assign(new Error('secret'), { status: 409 }))),
          )
          guest.post('/', () => 'text')
        })
        group.group('/stops', (stopping) => {
          stopping.use(create(), () => undefined)
          stopping.post('/', () => 'text')
        })
        group.group('/throws', (throwing) => {
          throwing.use(create(), fail)
          throwing.post('/', () => 'text')
        })
      },
      async (send) => {
        const statuses = { inside: 503, around: 503, next: 409, stops: 404, throws: 500 }
        for (const [name, status] of Object.entries(statuses)) expectFields(await send(post(name)), status, name)
      },
    )
  }
})
