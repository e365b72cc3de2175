import { expect } from 'chai'
import { ConfigError, Server } from 'tribind'
import { createTestServer, type TestBody } from 'tribind/testing'
import { collectingLogger, rejected } from '../feature/both-ways.ts'

interface Seen {
  readonly type: string | null
  readonly length: string | null
  readonly text: string
}

type Send = (method: string, body: TestBody | undefined, headers?: Record<string, string>) => Promise<Seen>

const echo = (server: Server) => {
  server.all('/', async (request) => ({
    type: request.header('content-type') ?? null,
    length: request.header('content-length') ?? null,
    text: await request.text(),
  }))
}

/** Defines the case for `server.inject`, and for the test client over a socket: both say what a client says. */
function everyHelper(name: string, run: (send: Send) => Promise<void>): void {
  it(`${name} [inject]`, async () => {
    const server = new Server({ logger: collectingLogger() })
    echo(server)
    await run(async (method, body, headers = {}) => (await server.inject({ method, body, headers })).json())
  })
  it(`${name} [client]`, async () => {
    await using server = await createTestServer(echo)
    await run(async (method, body, headers = {}) =>
      (await server.client().request(method, '/', { ...(body !== undefined && { body }), headers })).json(),
    )
  })
}

describe('the body of a test request', () => {
  everyHelper('arrives by every method', async (send) => {
    for (const method of ['GET', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'QUERY']) {
      expect(await send(method, 'hello'), method).to.include({ text: 'hello', length: '5' })
    }
  })

  everyHelper('arrives in chunks where the headers say so', async (send) => {
    for (const method of ['DELETE', 'POST']) {
      const seen = await send(method, 'hello', { 'Transfer-Encoding': 'chunked' })
      expect(seen, method).to.include({ text: 'hello', length: null })
    }
  })

  everyHelper('is JSON for a plain object and an array', async (send) => {
    for (const body of [{ id: 1 }, [1, 'ä'], {}]) {
      expect(await send('DELETE', body)).to.include({ type: 'application/json', text: JSON.stringify(body) })
    }
    const typed = await send('POST', { id: 1 }, { 'Content-Type': 'application/vnd.api+json' })
    expect(typed).to.include({ type: 'application/vnd.api+json', text: '{"id":1}' })
  })

  everyHelper('has the content type that fetch sends', async (send) => {
    expect(await send('POST', 'täxt')).to.include({ type: 'text/plain;charset=UTF-8', text: 'täxt', length: '5' })
    expect(await send('POST', Buffer.from('bytes'))).to.include({ type: null, text: 'bytes' })
    expect(await send('POST', new Blob(['<b>'], { type: 'text/html' }))).to.include({ type: 'text/html', text: '<b>' })
    expect((await send('POST', new URLSearchParams({ a: 'x y' }))).text).to.equal('a=x+y')
    const form = new FormData()
    form.set('a', '1')
    expect((await send('POST', form)).type).to.match(/^multipart\/form-data; ?boundary=/)
  })

  everyHelper('may be empty, or not there', async (send) => {
    expect(await send('DELETE', '')).to.include({ text: '', length: '0' })
    expect(await send('DELETE', undefined)).to.include({ text: '', length: null, type: null })
  })

  everyHelper('is nothing else: no value goes out as [object Object]', async (send) => {
    class Point {
      x = 1
    }
    for (const body of [new Map([['a', 1]]), new Point(), new Date(0)]) {
      const error = await rejected(send('POST', body))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.match(/^option "body" must be text, bytes, .* got /)
    }
  })
})
