import { once } from 'node:events'
import type http from 'node:http'
import type http2 from 'node:http2'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { type Entry, portOf, until } from './both-ways.ts'
import { sendStream } from './clients.ts'
import { END_HEADERS, END_STREAM, fields, openRawSession, types } from './http2-raw.ts'
import { closeAll, create, open } from './http2-world.ts'

describe('http2: responses', () => {
  afterEach(closeAll)

  it('sends trailers that are set before the end, whether the body is written in one piece or in several', async () => {
    const server = create((server) => {
      server.get('/whole', ({ response: { raw } }) => {
        raw.addTrailers({ 'x-sum': '1' })
        raw.end('body')
      })
      server.get('/pieces', ({ response: { raw } }) => {
        raw.write('bo')
        raw.addTrailers({ 'x-sum': '2' })
        raw.end('dy')
      })
      server.get('/empty', ({ response: { raw } }) => {
        raw.addTrailers({ 'x-sum': '3' })
        raw.end()
      })
    })
    const session = await open(server)
    const ask = async (path: string) => {
      const stream = session.request({ ':path': path })
      const trailers = once(stream, 'trailers') as Promise<[http2.IncomingHttpHeaders]>
      const body = await text(stream)
      return [body, (await trailers)[0]['x-sum']]
    }
    expect(await ask('/whole')).to.deep.equal(['body', '1'])
    expect(await ask('/pieces')).to.deep.equal(['body', '2'])
    expect(await ask('/empty')).to.deep.equal(['', '3'])
  })

  it('ends with the last frame of the body, and with the head where there is none', async () => {
    const server = create((server) => {
      server.get('/', () => 'text')
      server.get('/none', ({ response }) => void (response.status = 204))
    })
    await server.start()
    for (const [path, last] of [
      ['/', types.data],
      ['/none', types.headers],
    ] as const) {
      const raw = await openRawSession(portOf(server))
      raw.send(types.headers, END_HEADERS + END_STREAM, 1, fields(path))
      const ofStream = () => raw.frames.filter(({ stream }) => stream === 1)
      await until(() => ofStream().some(({ flags }) => (flags & END_STREAM) > 0), 'the stream has ended')
      expect(ofStream().map(({ type }) => type)).to.deep.equal(last === types.data ? [types.headers, last] : [last])
      raw.socket.destroy()
    }
  })

  it('holds a head for what follows it, and tells that it was written', async () => {
    const seen: unknown[] = []
    const server = create((server) =>
      server.get('/', ({ response: { raw } }) => {
        raw.writeHead(201, { 'x-a': '1' })
        seen.push(raw.headersSent, raw.statusCode)
        raw.setHeader('x-b', '2')
        raw.flushHeaders()
        setImmediate(() => raw.end('late'))
      }),
    )
    const answer = await sendStream(await open(server), '/')
    expect([answer.status, answer.header('x-a'), answer.header('x-b'), answer.text]).to.deep.equal([
      201,
      '1',
      undefined,
      'late',
    ])
    expect(seen).to.deep.equal([true, 201])
  })

  it('throws for names and values that no field can have, as node:http does, and answers 500', async () => {
    const server = create((server) => {
      server.get('/name', ({ response: { raw } }) => void raw.setHeader('a b', '1'))
      server.get('/value', ({ response: { raw } }) => void raw.writeHead(200, { 'x-a': 'a\r\nb: c' }))
      server.get('/', () => 'next')
    })
    const session = await open(server)
    expect((await sendStream(session, '/name')).status).to.equal(500)
    expect((await sendStream(session, '/value')).status).to.equal(500)
    expect((await sendStream(session, '/')).text).to.equal('next')
  })

  it('takes a field named as a member of objects', async () => {
    const server = create((server) =>
      server.get('/', ({ response: { raw } }) => void raw.writeHead(200, { constructor: '1' } as never).end('ok')),
    )
    const answer = await sendStream(await open(server), '/')
    expect([answer.header('constructor'), answer.text]).to.deep.equal(['1', 'ok'])
  })

  it('sends what was written before an empty chunk as it is', async () => {
    const server = create((server) => {
      server.get('/text', ({ response: { raw } }) => {
        for (const chunk of ['a', 'b', '']) raw.write(chunk)
        raw.end()
      })
      server.get('/bytes', ({ response: { raw } }) => {
        for (const chunk of ['a', 'b']) raw.write(chunk)
        raw.end(Buffer.alloc(0))
      })
    })
    const session = await open(server)
    for (const path of ['/text', '/bytes']) expect((await sendStream(session, path)).text, path).to.equal('ab')
  })

  it('shows the fields of writeHead beside those that were set before, as node:http does', async () => {
    const seen: unknown[] = []
    const server = create((server) =>
      server.get('/', ({ response: { raw } }) => {
        raw.setHeader('x-a', '1')
        raw.writeHead(200, { 'X-A': '2', 'x-b': '3' })
        seen.push(raw.getHeader('x-a'), raw.getHeader('x-b'))
        raw.end()
      }),
    )
    const answer = await sendStream(await open(server), '/')
    expect([answer.header('x-a'), answer.header('x-b')]).to.deep.equal(['2', '3'])
    expect(seen).to.deep.equal(['2', '3'])
  })

  describe('to HEAD', () => {
    const follow = (path: string, begin: (raw: http.ServerResponse) => void) => {
      const seen: string[] = []
      const log: Entry[] = []
      const register = (server: Server) => {
        server.bindHookHandler('/*', 'AfterClose', () => void seen.push('AfterClose'))
        server.get(path, ({ signal, response }) => {
          signal.addEventListener('abort', () => seen.push('aborted'))
          const raw = response.hijack().response
          for (const event of ['finish', 'close']) raw.on(event, () => seen.push(event))
          raw.on('close', () => raw.end('the rest'))
          begin(raw)
        })
      }
      return { server: create(register, {}, log), seen, log }
    }

    for (const [how, begin] of [
      ['first piece', (raw) => raw.write('a')],
      ['head', (raw) => raw.flushHeaders()],
    ] as const satisfies [string, (raw: http.ServerResponse) => void][])
      it(`are finished with their ${how}, which is all that goes out`, async () => {
        const { server, seen, log } = follow('/', (raw: http.ServerResponse) => void begin(raw))
        expect((await sendStream(await open(server), 'HEAD /')).status).to.equal(200)
        await until(() => seen.includes('AfterClose'), 'the close events have run')
        expect(seen).to.deep.equal(['finish', 'close', 'AfterClose'])
        expect(log.filter(({ level }) => level !== 'debug' && level !== 'info')).to.deep.equal([])
      })

    it('are closed, and not finished, where the client leaves before', async () => {
      const { server, seen } = follow('/', () => seen.push('begun'))
      const stream = (await open(server)).request({ ':path': '/', ':method': 'HEAD' }).on('error', () => {})
      await until(() => seen.includes('begun'), 'it is served')
      stream.close(8)
      await until(() => seen.includes('AfterClose'), 'the close events have run')
      expect(seen.toSorted()).to.deep.equal(['AfterClose', 'aborted', 'begun', 'close'])
    })
  })

  for (const [what, answer] of [
    ['that are whole', () => 'x'.repeat(200_000)],
    ['that go on', () => Readable.from(Array.from({ length: 1000 }, () => 'x'.repeat(1000)))],
  ] as const)
    it(`close where the client resets those ${what} without an error and takes no more`, async () => {
      const seen: string[] = []
      const register = (server: Server) => {
        server.bindHookHandler('/*', 'AfterClose', () => void seen.push('AfterClose'))
        server.get('/', ({ signal }) => {
          signal.addEventListener('abort', () => seen.push('aborted'))
          return answer()
        })
      }
      const session = await open(create(register, { connectionsCheckingInterval: 50 }))
      const stream = session.request({ ':path': '/' }).on('error', () => {})
      await once(stream, 'response')
      await new Promise((resolve) => session.ping(resolve))
      stream.close(0)
      await until(() => seen.includes('AfterClose'), 'the close events have run')
      expect(seen).to.deep.equal(['aborted', 'AfterClose'])
    })
})
