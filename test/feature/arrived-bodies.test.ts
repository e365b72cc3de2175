import { readdirSync, readFileSync } from 'node:fs'
import http2 from 'node:http2'
import net from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { brotliCompressSync } from 'node:zlib'
import { expect } from 'chai'
import type { Request, Server } from 'tribind'
import { overSocket, until, type Way } from './both-ways.ts'
import { cert } from './key-pair.ts'
import { encodeMultipart, multipart } from './multipart-body.ts'
import { temporaryFolder } from './temporary-folder.ts'

type Fields = Record<string, string>

/** Sends the head of a request and what of its body there is, and leaves when it is told to. */
function openAndSend(way: Way, port: number, fields: Fields, body: Buffer, isWhole: boolean): () => void {
  if (way === 'http2') {
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca: cert }).on('error', () => {})
    const stream = session.request({ ':method': 'POST', ':path': '/', ...fields }).on('error', () => {})
    stream.write(body)
    if (isWhole) stream.end()
    return () => session.destroy()
  }
  const length = body.length + (isWhole ? 0 : 1)
  const lines = Object.entries({ Host: 'a', 'Content-Length': length, ...fields }).map((field) => field.join(': '))
  const head = ['POST / HTTP/1.1', ...lines, '', ''].join('\r\n')
  const socket =
    way === 'https' ? tls.connect({ port, host: '127.0.0.1', ca: cert, servername: 'localhost' }) : net.connect(port)
  socket.on('error', () => {}).write(Buffer.concat([Buffer.from(head), body]))
  return () => socket.destroy()
}

const digest = (bytes: Buffer | string) => `${bytes.length} ${String(bytes).slice(-3)}`
const data = Buffer.from('abc'.repeat(3000))

const readers: Record<string, [read: (request: Request) => unknown, body: Buffer, fields: Fields, result: unknown]> = {
  'text()': [async (request) => digest(await request.text()), data, {}, '9000 abc'],
  'bytes()': [async (request) => digest(await request.bytes()), data, {}, '9000 abc'],
  body: [async (request) => digest(await buffer(request.body)), data, {}, '9000 abc'],
  'body after a pause': [
    async (request) => {
      const { body } = request
      await sleep(20)
      return digest(await buffer(body))
    },
    data,
    {},
    '9000 abc',
  ],
  'json()': [(request) => request.json(), Buffer.from('{"a":1}'), { 'content-type': 'application/json' }, { a: 1 }],
  'form()': [
    async (request) => ({ ...(await request.form()) }),
    Buffer.from('a=1'),
    { 'content-type': 'application/x-www-form-urlencoded' },
    { a: '1' },
  ],
  'file()': [
    async (request) => readFileSync((await request.file('f'))?.path as string, 'utf8'),
    encodeMultipart([{ name: 'f', filename: 'f', content: 'content' }]),
    multipart,
    'content',
  ],
  'text(), inflated': [
    async (request) => digest(await request.text()),
    brotliCompressSync(data),
    { 'content-encoding': 'br' },
    '9000 abc',
  ],
}

/** A handler that reads when its client has gone. */
function bind(server: Server, read: (request: Request) => unknown) {
  const seen: { isCalled: boolean; result?: unknown } = { isCalled: false }
  server.post('/', async (request) => {
    seen.isCalled = true
    await new Promise((resolve) => request.signal.addEventListener('abort', resolve))
    await sleep(10)
    seen.result = await Promise.resolve(read(request)).catch((error: { status?: number }) => error.status ?? error)
  })
  return seen
}

describe('a body whose client has left before it is read', () => {
  for (const [name, [read, body, fields, result]] of Object.entries(readers)) {
    overSocket(
      `is read by ${name} where it had arrived whole`,
      (server) => bind(server, read),
      async (_send, seen, { way, port, log }) => {
        const leave = openAndSend(way, port, fields, body, true)
        await until(() => seen.isCalled, 'the handler was called')
        await sleep(30)
        leave()
        await until(() => seen.result !== undefined, 'it was read')
        expect(seen.result).to.deep.equal(result)
        expect(log.filter(({ level }) => level === 'error')).to.be.empty
      },
    )

    overSocket(
      `is 400 for ${name} where it had not`,
      (server) => bind(server, read),
      async (_send, seen, { way, port }) => {
        const leave = openAndSend(way, port, fields, body, false)
        await until(() => seen.isCalled, 'the handler was called')
        await sleep(30)
        leave()
        await until(() => seen.result !== undefined, 'it failed')
        expect(seen.result).to.equal(400)
      },
    )
  }
})

describe('a body that is read when its request was released', () => {
  const dir = temporaryFolder({})
  const inflate = { maxBytes: 20_000 }
  for (const name of ['text(), inflated', 'file()', 'body']) {
    const [read, body, fields] = readers[name] as NonNullable<(typeof readers)[string]>
    overSocket(
      `is 400 for ${name}, and takes nothing that stays taken`,
      (server) => {
        const results: unknown[] = []
        server.bindHookHandler('/', 'AfterClose', ({ context }) => (context.get('closed') as () => void)())
        server.post('/', async (request) => {
          results.push('called')
          await new Promise<void>((resolve) => request.context.set('closed', resolve))
          results.push(
            await Promise.resolve(read(request)).catch((error: { status?: number }) => error.status ?? error),
          )
        })
        server.post('/after', async (request) => digest(await request.text()))
        return results
      },
      async (send, results, { way, port }) => {
        const leaves = [1, 2, 3].map(() => openAndSend(way, port, fields, body, true))
        await until(() => results.length === 3, 'the handlers were called')
        await sleep(30)
        for (const leave of leaves) leave()
        await until(() => results.length === 6, 'it was read')
        expect(results.slice(3)).to.deep.equal([400, 400, 400])
        const after = { method: 'POST', url: '/after', headers: { 'content-encoding': 'br' } }
        expect((await send({ ...after, body: brotliCompressSync(data) })).text).to.equal('9000 abc')
        expect(readdirSync(dir)).to.be.empty
      },
      { inflate, upload: { dir } },
    )
  }

  overSocket(
    'is 400 where that happens while it is inflated',
    (server) => {
      const results: unknown[] = []
      server.bindHookHandler('/', 'BeforeClose', ({ context }) => (context.get('closing') as () => void)())
      server.post('/', async (request) => {
        results.push('called')
        await new Promise<void>((resolve) => request.context.set('closing', resolve))
        results.push(await request.text().catch((error: { status?: number }) => error.status ?? error))
      })
      return results
    },
    async (_send, results, { way, port }) => {
      const leave = openAndSend(way, port, { 'content-encoding': 'br' }, brotliCompressSync(data), true)
      await until(() => results.length === 1, 'the handler was called')
      await sleep(30)
      leave()
      await until(() => results.length === 2, 'it was read')
      expect(results[1]).to.equal(400)
    },
  )
})
