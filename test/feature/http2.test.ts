import { once } from 'node:events'
import http2 from 'node:http2'
import { buffer, text } from 'node:stream/consumers'
import tls from 'node:tls'
import { expect } from 'chai'
import { fromConnect } from 'tribind'
import { type Entry, inTime, portOf, rejected, until } from './both-ways.ts'
import { sendOverTls, sendStream } from './clients.ts'
import { closeAll, create, open } from './http2-world.ts'
import { cert } from './key-pair.ts'

describe('http2', () => {
  afterEach(closeAll)

  it('serves clients of HTTP/2 and of HTTP/1.1 on one port', async () => {
    const server = create((server) => server.bindHandler('/', ({ raw, protocol }) => [raw.httpVersion, protocol]))
    const session = await open(server)
    expect((await sendStream(session, '/')).json()).to.deep.equal(['2.0', 'https'])
    expect((await sendOverTls(portOf(server))('/')).json()).to.deep.equal(['1.1', 'https'])
  })

  it('shows requests as HTTP/1.1 does: a Host field, and no pseudo-header fields', async () => {
    const server = create((server) => {
      server.bindHandler('/', ({ raw, headers, host, ip }) => [host, ip, headers.host, raw.rawHeaders, { ...headers }])
    })
    const answer = await sendStream(await open(server), { url: '/', host: 'A.example:8443', headers: { a: 'b' } })
    const host = 'A.example:8443'
    expect(answer.json()).to.deep.equal(['a.example', '127.0.0.1', host, ['host', host, 'a', 'b'], { host, a: 'b' }])
  })

  it('answers 400 where Host and :authority differ, and 431 to too many fields', async () => {
    const server = create((server) => server.bindHandler('/', () => 'served'), { maxHeadersCount: 300 })
    const session = await open(server)
    const ask = async (fields: object) => {
      const stream = session.request({ ':path': '/', ':authority': 'a.example', ...fields })
      const [head] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders]
      stream.resume()
      return head[':status']
    }
    expect(await ask({ host: 'a.example' })).to.equal(200)
    expect(await ask({ host: 'b.example' })).to.equal(400)
    const many = Object.fromEntries(Array.from({ length: 299 }, (_, i) => [`x-${i}`, '1']))
    expect(await ask({ ...many })).to.equal(200)
    expect(await ask({ ...many, y: '1' })).to.equal(431)
  })

  it('leaves out what belongs to connections of HTTP/1.1, and keeps all lines of a field', async () => {
    const warnings: Error[] = []
    const collect = (warning: Error) => warnings.push(warning)
    process.on('warning', collect)
    const server = create((server) => {
      server.use(
        fromConnect((_req, res, next) => {
          res.setHeader('Connection', 'close')
          res.setHeader('Keep-Alive', 'timeout=1')
          res.appendHeader('Link', '</c>')
          res.statusMessage = 'Fine'
          next()
        }),
      )
      server.bindHandler('/', ({ response, cookie }) => {
        response.setHeader('Transfer-Encoding', 'chunked')
        response.setHeader('Upgrade', 'h2c')
        response.addHeader('Link', ['</a>', '</b>'])
        response.addHeader('ETag', ['"1"', '"2"'])
        cookie.set('a', '1')
        cookie.set('b', '2')
        return 'ok'
      })
      server.bindHandler('/raw', ({ response }) => {
        response.raw.writeHead(201, 'Created', [['X-A', '1'] as never, ['X-A', '2'] as never])
        response.raw.end('raw')
      })
    })
    const session = await open(server)
    const { status, header, headerAll, text } = await sendStream(session, '/')
    expect([status, text]).to.deep.equal([200, 'ok'])
    for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'upgrade'])
      expect(header(name)).to.equal(undefined)
    expect(header('link')).to.equal('</c>, </a>, </b>')
    expect(header('etag')).to.equal('"1", "2"')
    expect(headerAll('set-cookie').map((line) => line.slice(0, 3))).to.deep.equal(['a=1', 'b=2'])
    const raw = await sendStream(session, '/raw')
    expect([raw.status, raw.header('x-a'), raw.text]).to.deep.equal([201, '1, 2', 'raw'])
    process.off('warning', collect)
    expect(warnings).to.deep.equal([])
  })

  it('reads bodies without a length, and answers 413 to one that is too large', async () => {
    const server = create((server) => server.bindHandler('/', (request) => request.text()), { maxBodySize: 100_000 })
    const session = await open(server)
    const stream = session.request({ ':path': '/', ':method': 'POST' })
    stream.write('a')
    setImmediate(() => stream.end('b'))
    expect(await text(stream)).to.equal('ab')
    const large = await sendStream(session, { url: '/', method: 'POST', body: Buffer.alloc(3_000_000) })
    expect(large.status).to.equal(413)
    expect((await sendStream(session, { url: '/', method: 'POST', body: 'next' })).text).to.equal('next')
  })

  it('has early answers arrive while the body is still sent', async () => {
    const server = create((server) => server.bindHandler('/', () => 'enough'))
    const session = await open(server)
    const stream = session.request({ ':path': '/', ':method': 'POST' })
    stream.write(Buffer.alloc(1000))
    stream.on('error', () => {})
    expect(await text(stream)).to.equal('enough')
  })

  describe('a client that goes away', () => {
    for (const leaves of ['its stream', 'its connection'] as const) {
      it(`from ${leaves} aborts the signal, ends the source, and runs the close events once`, async () => {
        const seen: string[] = []
        const log: Entry[] = []
        const server = create(
          (server) => {
            server.bindHookHandler('/*', 'AfterClose', () => void seen.push('AfterClose'))
            server.bindHandler('/', ({ signal, ip, raw }) => {
              signal.addEventListener('abort', () => seen.push('aborted'))
              raw.on('close', () => seen.push('close'))
              return (async function* () {
                try {
                  for (;;) yield `${ip} `.repeat(1000)
                } finally {
                  seen.push('ended')
                }
              })()
            })
          },
          {},
          log,
        )
        const session = await open(server)
        const stream = session.request({ ':path': '/' })
        stream.on('error', () => {})
        await once(stream, 'data')
        if (leaves === 'its stream') stream.close(http2.constants.NGHTTP2_CANCEL)
        else session.destroy()
        await until(() => seen.includes('AfterClose'), 'the close events have run')
        expect(seen.toSorted()).to.deep.equal(['AfterClose', 'aborted', 'close', 'ended'])
        expect(log.filter(({ level }) => level === 'error')).to.deep.equal([])
      })

      it(`from ${leaves} in the middle of its body never passes for one that has sent all`, async () => {
        const ends: string[] = []
        const log: Entry[] = []
        const note = async (how: string, read: Promise<unknown>) => {
          ends.push(
            `${how} ${await read.then(
              () => 'whole',
              () => 'cut',
            )}`,
          )
        }
        const server = create(
          (server) => {
            server.bindHandler('/bytes', (request) => note('bytes', request.bytes()))
            server.bindHandler('/body', (request) => note('body', buffer(request.body)))
            server.bindHandler('/raw', (request) => note('raw', buffer(request.raw)))
          },
          {},
          log,
        )
        for (const how of ['bytes', 'body', 'raw']) {
          const session = await open(server)
          // The client of Node.js ends a stream before it resets it: without a length, that is a whole body.
          const stream = session.request({ ':path': `/${how}`, ':method': 'POST', 'content-length': 100 })
          stream.on('error', () => {})
          stream.write('half')
          // Its answer shows that what was sent before has arrived.
          await new Promise((resolve) => session.ping(resolve))
          if (leaves === 'its stream') stream.close(http2.constants.NGHTTP2_CANCEL)
          else session.destroy()
          await until(() => ends.some((end) => end.startsWith(how)), `${how} has ended`)
        }
        expect(ends).to.deep.equal(['bytes cut', 'body cut', 'raw cut'])
        expect(log.filter(({ level }) => level === 'error')).to.deep.equal([])
      })
    }
  })

  it('cuts the stream, not the connection, where a source fails midway', async () => {
    const server = create((server) => {
      server.bindHandler('/cut', async function* () {
        yield 'half'
        throw new Error('midway')
      })
      server.bindHandler('/', () => 'next')
    })
    const session = await open(server)
    const error = await rejected(sendStream(session, '/cut'))
    expect(error).to.have.property('code', 'ERR_HTTP2_STREAM_ERROR')
    expect((await sendStream(session, '/')).text).to.equal('next')
  })

  it('serves others beside an answer that is large and waits for its reader, and after one that was cancelled', async () => {
    const server = create((server) => {
      server.get('/', () => 'served')
      server.get('/vast', () => Buffer.alloc(20_000_000))
    })
    const session = await open(server)
    const vast = session.request({ ':path': '/vast' }).on('error', () => {})
    await once(vast, 'response')
    expect((await sendStream(session, '/')).text).to.equal('served')
    vast.close(http2.constants.NGHTTP2_CANCEL)
    await once(vast, 'close')
    expect((await sendStream(session, '/')).text).to.equal('served')
  })

  it('finds the route of a CONNECT request by host and port, which are all the target it has', async () => {
    const server = create((server) => {
      server.bindHandler('/', () => 'the page')
      server.bindHandler('CONNECT:/:target', ({ params, response, url }) => {
        response.writeStatus(403, `${url}: no tunnel to ${params.target}`)
      })
    })
    const session = await open(server)
    const connect = async (authority: string) => {
      const stream = session.request({ ':method': 'CONNECT', ':authority': authority })
      const [head] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders]
      return [head[':status'], await text(stream)]
    }
    expect(await connect('a.example:443')).to.deep.equal([403, 'a.example:443: no tunnel to a.example:443'])
    for (const target of ['a.example', '*']) expect(await connect(target)).to.deep.equal([400, 'Bad Request'])
  })

  it('says nothing of WebSockets, which are HTTP/1.1', async () => {
    const server = create((server) => server.bindWebSocket('/socket', () => {}))
    const session = await open(server)
    const { status, header } = await sendStream(session, '/socket')
    expect([status, header('upgrade')]).to.deep.equal([404, undefined])
    expect((await sendOverTls(portOf(server))('/socket')).status).to.equal(426)
  })

  it('tells finish from close, also for HEAD', async () => {
    const seen: string[] = []
    const server = create((server) => {
      server.bindHandler('/', ({ response: { raw } }) => {
        for (const event of ['finish', 'close']) raw.on(event, () => seen.push(`${event} ${raw.writableFinished}`))
        seen.push(`served ${raw.writableFinished}`)
        return 'text'
      })
    })
    const session = await open(server)
    const answer = await sendStream(session, 'HEAD /')
    expect([answer.header('content-length'), answer.text]).to.deep.equal(['4', ''])
    await until(() => seen.length === 3, 'it is closed')
    expect(seen).to.deep.equal(['served false', 'finish true', 'close true'])
  })

  it('answers an expectation, and refuses one it does not know', async () => {
    const server = create((server) => server.bindHandler('/', (request) => request.text()))
    const session = await open(server)
    const stream = session.request({ ':path': '/', ':method': 'POST', expect: '100-continue' })
    await once(stream, 'continue')
    stream.end('body')
    expect(await text(stream)).to.equal('body')
    const refused = await sendStream(session, { url: '/', headers: { expect: 'miracles' } })
    expect(refused.status).to.equal(417)
  })

  it('gives connections of HTTP/1.1 the limits of node:http', async () => {
    const options = { headersTimeout: 50, connectionsCheckingInterval: 20, keepAliveTimeout: 50, maxHeaderSize: 1000 }
    const server = create((server) => server.bindHandler('/', () => 'text'), options)
    await server.start()
    const exchange = async (head: string) => {
      const socket = tls.connect({ port: portOf(server), host: '127.0.0.1', ca: cert })
      await once(socket, 'secureConnect')
      socket.write(head)
      return inTime(text(socket), 'it is closed')
    }
    expect(await exchange('GET / HTTP/1.1\r\n')).to.match(/^HTTP\/1\.1 408/)
    expect(await exchange('GET / HTTP/1.1\r\n\r\n'), 'without Host').to.match(/^HTTP\/1\.1 400/)
    expect(await exchange(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(2000)}\r\n\r\n`)).to.match(/^HTTP\/1\.1 431/)
    expect(await exchange('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), 'idle').to.match(/^HTTP\/1\.1 200/)
  })
})
