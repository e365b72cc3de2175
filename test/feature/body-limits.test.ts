import { once } from 'node:events'
import { Agent, type IncomingMessage, request as sendRequest } from 'node:http'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createWriteStream } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { ConfigError, type Request, Server } from 'tribind'
import { bothWays, inTime, openRaw, type Options, overHttp1, thrownBy, until } from './both-ways.ts'

const MIB = 1024 * 1024

const readers: Record<string, (request: Request) => unknown> = {
  '/text': (request) => request.text(),
  '/bytes': (request) => request.bytes(),
  '/stream': (request) => request.body,
  '/pipeline': (request) => pipeline(request.body, createWriteStream('/dev/null')),
  '/loop': async (request) => {
    let size = 0
    for await (const chunk of request.body) size += (chunk as Buffer).length
    return size
  },
}

function bindReaders(server: Server): void {
  for (const [path, read] of Object.entries(readers)) server.post(path, read)
  server.get('/alive', () => 'alive')
}

/** A client that writes all before it reads, as many do. */
async function stubbornClient(port: number, head: string, chunks: Iterable<Buffer | string>): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  let received = ''
  let failure: Error | undefined
  socket.on('error', (error) => (failure = error))
  await once(socket, 'connect')
  socket.write(head)
  for (const chunk of chunks) if (!socket.write(chunk)) await once(socket, 'drain')
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
  socket.write('GET /alive HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  await new Promise((resolve) => socket.once('close', resolve))
  if (failure !== undefined) throw failure
  return received
}

function* repeat(chunk: Buffer | string, count: number) {
  for (let i = 0; i < count; i++) yield chunk
}

/** 50 MB in some KB. */
function bombs(): Record<string, Buffer> {
  const data = Buffer.alloc(50 * MIB)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 1 }
  return { gzip: gzipSync(data, { level: 1 }), br: brotliCompressSync(data, { params }) }
}

function chunked(size: number): string {
  return `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`
}

describe('maxBodySize', () => {
  for (const path of Object.keys(readers)) {
    overHttp1(
      `lets a client that sends 20 MB to ${path} read its 413 and go on with the connection`,
      bindReaders,
      async (_send, _, { port, log }) => {
        const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${20 * MIB}\r\n\r\n`
        const received = await stubbornClient(port, head, repeat(Buffer.alloc(MIB), 20))
        expect(received).to.match(/^HTTP\/1\.1 413 [\s\S]*The body is larger than 8388608 bytes/)
        expect(received).to.match(/HTTP\/1\.1 200 OK[\s\S]*alive$/)
        expect(log.filter(({ level }) => level === 'error')).to.be.empty
      },
    )

    // What is echoed has begun already when it turns out to be too much: it is cut short.
    if (path === '/stream') continue
    overHttp1(
      `lets a client that sends 20 MB in chunks to ${path} read its 413 and go on with the connection`,
      bindReaders,
      async (_send, _, { port }) => {
        const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`
        const chunks = [...repeat(chunked(MIB), 20), '0\r\n\r\n']
        const received = await stubbornClient(port, head, chunks)
        expect(received).to.match(/^HTTP\/1\.1 413 /)
        expect(received).to.match(/HTTP\/1\.1 200 OK[\s\S]*alive$/)
      },
    )
  }

  overHttp1(
    'lets a client that asks for the connection to be closed read what its body is refused with',
    (server) => {
      bindReaders(server)
      server.post('/json', (request) => request.json())
      server.post('/form', (request) => request.form())
    },
    async (_send, _, { port }) => {
      const tooLong = `--b\r\nContent-Disposition: form-data; name="${'n'.repeat(300)}"; filename="a"\r\n\r\n`
      const cases = [
        ['/text', 'text/plain', '', 20, 413],
        ['/json', 'text/plain', '', 20, 415],
        ['/form', 'multipart/form-data; boundary=b', '', 20, 413],
        ['/form', 'multipart/form-data; boundary=b', tooLong, 7, 413],
        ['/form', 'multipart/form-data', '', 7, 400],
      ] as const
      for (const [path, type, start, size, status] of cases) {
        const length = start.length + size * MIB
        const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${length}`
        const socket = net.connect(port, '127.0.0.1')
        await once(socket, 'connect')
        socket.write(`${head}\r\n\r\n${start}`)
        for (const chunk of repeat(Buffer.alloc(MIB), size)) if (!socket.write(chunk)) await once(socket, 'drain')
        expect(await text(socket), path).to.match(new RegExp(`^HTTP/1\\.1 ${status} `))
      }
    },
  )

  overHttp1(
    'is answered before the body has come, where the connection stays',
    bindReaders,
    async (_send, _, { port }) => {
      const { socket, received } = await openRaw(
        port,
        `POST /text HTTP/1.1\r\nHost: a\r\nContent-Length: ${9 * MIB}\r\n\r\n`,
      )
      await until(() => received().includes('413'), 'the answer came')
      socket.destroy()
    },
  )

  overHttp1(
    'is for forms too, and nothing but the limit is answered',
    (server) => server.post('/', (request) => request.form()),
    async (_send, _, { port }) => {
      for (const type of ['multipart/form-data; boundary=b', 'application/x-www-form-urlencoded']) {
        for (const framing of [
          'Content-Length: 9000000\r\n\r\n',
          `Transfer-Encoding: chunked\r\n\r\n${chunked(9_000_000)}`,
        ]) {
          const { socket, received } = await openRaw(
            port,
            `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\n${framing}`,
          )
          await until(() => received().includes('The body is larger than 8388608 bytes'), 'the answer came')
          socket.destroy()
        }
      }
    },
  )

  const small: Options = { maxBodySize: 10 }
  bothWays(
    'counts to the byte',
    bindReaders,
    async (send) => {
      for (const url of ['/text', '/bytes', '/stream']) {
        expect((await send({ method: 'POST', url, body: '0123456789' })).text).to.equal('0123456789')
        expect((await send({ method: 'POST', url, body: '01234567890' })).status).to.equal(413)
        expect((await send('/alive')).text).to.equal('alive')
      }
    },
    small,
  )

  bothWays('stops what inflates to more', bindReaders, async (send) => {
    for (const [encoding, body] of Object.entries(bombs())) {
      for (const url of ['/text', '/bytes', '/loop', '/pipeline']) {
        const answer = await send({ method: 'POST', url, headers: { 'content-encoding': encoding }, body })
        expect(answer.status, `${encoding} ${url}`).to.equal(413)
        expect((await send('/alive')).text).to.equal('alive')
      }
    }
  })

  it('is a whole number from 0', () => {
    expect(thrownBy(() => new Server({ maxBodySize: -1 }))).to.be.instanceOf(ConfigError)
    expect(thrownBy(() => new Server({ maxBodySize: 1.5 })).message).to.include('maxBodySize')
  })
})

describe('a client that goes away in the middle of its body', () => {
  for (const path of [...Object.keys(readers), '/form', '/multipart']) {
    overHttp1(
      `ends ${path} at once, without an error in the log`,
      (server) => {
        const ends: unknown[] = []
        server.post('/*', async (request) => {
          const read = readers[path] ?? ((request: Request) => request.form())
          try {
            const result = await read(request)
            return path === '/stream' ? await text(result as Request['body']) : result
          } catch (error) {
            ends.push((error as { status?: number }).status)
            throw error
          }
        })
        server.get('/alive', () => 'alive')
        return ends
      },
      async (send, ends, { port, log }) => {
        const type = path === '/multipart' ? 'multipart/form-data; boundary=b' : 'application/x-www-form-urlencoded'
        const start = '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nabc'
        for (const framing of [
          'Content-Length: 1000\r\n\r\n',
          `Transfer-Encoding: chunked\r\n\r\n${start.length.toString(16)}\r\n`,
        ]) {
          const { socket } = await openRaw(
            port,
            `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\n${framing}${start}`,
          )
          await new Promise((resolve) => setTimeout(resolve, 30))
          socket.destroy()
          await until(() => ends.length > 0, 'the handler learned of it', 1000)
          expect(ends.splice(0)).to.deep.equal([400])
          expect((await send('/alive')).text).to.equal('alive')
        }
        expect(log.filter(({ level }) => level === 'error' || level === 'warn')).to.be.empty
      },
    )
  }
})

describe('a body that nobody reads to its end', () => {
  overHttp1(
    'does not stand in the way of the next request of its connection',
    (server) => {
      server.post('/unread', () => 'unread')
      server.post('/taken', (request) => (request.body, 'taken'))
      server.post('/broken-off', async (request) => {
        for await (const chunk of request.body) return `${(chunk as Buffer).length > 0}`
        return 'empty'
      })
      server.get('/alive', () => 'alive')
    },
    async (_send, _, { port }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const ask = async (method: string, path: string, body?: Buffer): Promise<string> => {
        const outgoing = sendRequest({ port, host: '127.0.0.1', method, path, agent })
        outgoing.end(body)
        const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
        return text(response)
      }
      for (const path of ['/unread', '/taken', '/broken-off']) {
        const answer = await inTime(ask('POST', path, Buffer.alloc(4 * MIB)), path)
        expect(answer).to.equal(path === '/broken-off' ? 'true' : path.slice(1))
        expect(await inTime(ask('GET', '/alive'), `alive after ${path}`)).to.equal('alive')
      }
      agent.destroy()
    },
  )
})
