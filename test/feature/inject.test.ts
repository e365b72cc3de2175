import { expect } from 'chai'
import { EventEmitter } from 'node:events'
import http from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { ConfigError, Server } from 'tribind'
import { callUntyped, collectingLogger, rejected, sendByInject, sendToPort, until } from './both-ways.ts'

const create = () => {
  const server = new Server({ port: 0, logger: collectingLogger() })
  server.bindHandler('/echo/:id', (request) => ({
    method: request.method,
    id: request.params.id,
    q: request.query.q,
    header: request.header('x-thing'),
    host: request.host,
  }))
  server.bindHandler('/bytes', (request) => {
    request.response.setHeader('X-Upper', 'Kept')
    request.cookie.set('a', '1')
    return Buffer.from([0, 255])
  })
  return server
}

describe('inject', () => {
  it('serves one request without a socket, before the start', async () => {
    const server = create()
    const answer = await server.inject({
      method: 'PUT',
      url: '/echo/7?q=1',
      headers: { host: 'A.example:80', 'X-Thing': 'some' },
    })
    expect(answer.status).to.equal(200)
    expect(answer.json()).to.deep.equal({ method: 'PUT', id: '7', q: '1', header: 'some', host: 'a.example' })
    expect(answer.text()).to.equal(JSON.stringify(answer.json()))
    expect(answer.headers['content-type']).to.equal('application/json; charset=utf-8')
    expect(server.state).to.equal('created')
  })

  it('gives headers with lower-case names and the body as a Buffer', async () => {
    const answer = await create().inject({ method: 'GET', url: '/bytes', headers: {} })
    expect(answer.headers['x-upper']).to.equal('Kept')
    expect(answer.headers['X-Upper']).to.equal(undefined)
    expect(Buffer.isBuffer(answer.body)).to.equal(true)
    expect([...answer.body]).to.deep.equal([0, 255])
  })

  it('needs no more than a url', async () => {
    const answer = await create().inject({ url: '/echo/1' })
    expect(answer.status).to.equal(200)
    expect(answer.json()).to.deep.include({ method: 'GET', id: '1' })
  })

  it('sees what was bound since the last one', async () => {
    const server = create()
    const send = sendByInject(server)
    expect((await send('/later')).status).to.equal(404)
    server.bindHandler('/later', () => 'later')
    expect((await send('/later')).text).to.equal('later')
    server.use(() => 'guard')
    expect((await send('/later')).text).to.equal('guard')
  })

  it('works beside a running server', async () => {
    const server = create()
    await server.start()
    expect((await sendByInject(server)('/echo/1')).status).to.equal(200)
    await server.stop()
  })

  it('serves many at a time', async () => {
    const send = sendByInject(create())
    const ids = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => (await send(`/echo/${i}`)).json() as { id: string }),
    )
    ids.forEach(({ id }, i) => expect(id).to.equal(String(i)))
  })
})

describe('handle', () => {
  it('mounts the application in somebody else’s server', async () => {
    const server = create()
    const seen: string[] = []
    server.bindHookHandler('/*', 'AfterClose', () => {
      seen.push('AfterClose')
    })
    const host = http.createServer((req, res) => {
      server.handle(req, res)
    })
    host.listen(0, '127.0.0.1')
    await until(() => host.listening, 'the host listens')
    const send = sendToPort((host.address() as AddressInfo).port)
    expect((await send('/echo/9?q=2')).json()).to.deep.include({ id: '9', q: '2' })
    expect((await send('/nothing')).status).to.equal(404)
    expect((await send('/a/%2e%2e')).status).to.equal(400)
    await until(() => seen.length >= 2, 'the close events')
    host.close()
    expect(server.state).to.equal('created')
  })

  it('answers through what only looks like a response, without socket and request', () => {
    const server = new Server({ accessLog: true, logger: collectingLogger() })
    server.get('/', () => 'hello')
    const ask = (url: string) => {
      const request = Object.assign(new http.IncomingMessage(new Socket()), { method: 'GET', url })
      const sent: unknown[] = []
      const response = Object.assign(new EventEmitter(), {
        getHeaderNames: () => [],
        writeHead: (status: number) => sent.push(status),
        write: (chunk: unknown) => sent.push(chunk),
        end: (chunk: unknown) => sent.push(chunk),
      })
      server.handle(request, response as never)
      response.emit('finish')
      response.emit('close')
      return sent
    }
    expect(ask('/')).to.deep.equal([200, 'hello'])
    expect(ask('/none')).to.deep.equal([404, 'Not Found'])
  })
})

describe('inject: arguments', () => {
  const server = new Server().get('/a', ({ query }) => query)

  it('takes a target alone', async () => {
    expect((await server.inject('/a?b=1')).json()).to.deep.equal({ b: '1' })
  })

  for (const [given, name] of [
    [{ path: '/a' }, 'path'],
    [{ url: 5 }, 'url'],
    [{ url: '/a', headers: 'x' }, 'headers'],
  ] as const) {
    it(`refuses a wrong "${name}"`, async () => {
      const error = await rejected(callUntyped(server, 'inject', given) as Promise<unknown>)
      expect(error).to.be.instanceOf(ConfigError).with.property('message').that.contains(`"${name}"`)
    })
  }
})
