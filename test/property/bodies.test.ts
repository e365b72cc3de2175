import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import { Server } from 'tribind'
import { encodeMultipart, multipart, type Part } from '../feature/multipart-body.ts'

/** Cuts a message into segments of these lengths, over and over. */
function* cut(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const to = from + (lengths[i % lengths.length] as number)
    yield bytes.subarray(from, to)
    from = to
  }
}

async function sendInSegments(port: number, message: Buffer, lengths: readonly number[]): Promise<string> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const answer = text(socket)
  for (const segment of cut(message, lengths)) {
    socket.write(segment)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return (await answer).replace(/^[\s\S]*?\r\n\r\n/, '')
}

function toChunks(body: Buffer, lengths: readonly number[]): Buffer {
  const chunks = [...cut(body, lengths)].flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n'])
  return Buffer.concat([...chunks, '0\r\n\r\n'].map((piece) => Buffer.from(piece)))
}

const arbitraryLengths = fc.array(fc.integer({ min: 20, max: 5000 }), { minLength: 1, maxLength: 5 })

// What would be another name once it was escaped and read again is left to other tests.
const arbitraryName = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .map((name) => name.toWellFormed().replace(/["\\%\p{Cc}]|__proto__/gu, '_'))
const arbitraryContent = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc
    .array(fc.constantFrom('\r', '\n', '--', '\r\n--', '\r\n------tribind', '\0', 'a'))
    .map((parts) => Buffer.from(parts.join(''))),
)
const arbitraryParts = fc.array(
  fc.oneof(
    fc.record({
      name: arbitraryName,
      content: fc.string({ unit: 'grapheme', maxLength: 300 }).map((s) => s.toWellFormed()),
    }),
    fc.record({ name: arbitraryName, filename: fc.constant('file'), content: arbitraryContent }),
  ),
  { maxLength: 8 },
)

describe('property: bodies', function () {
  this.timeout(60_000)
  let server: Server

  before(async () => {
    server = new Server({ port: 0 })
    server.post('/text', async (request) => JSON.stringify(await request.text()))
    server.post('/form', async (request) => {
      const files = (await request.files()).map(({ name, path, size }) => [
        name,
        readFileSync(path).toString('hex'),
        size,
      ])
      return { fields: Object.entries(await request.form()), files }
    })
    await server.start()
  })
  after(() => server.stop())

  const head = (path: string, ...fields: string[]) =>
    Buffer.from([`POST ${path} HTTP/1.1`, 'Host: a', 'Connection: close', ...fields, '', ''].join('\r\n'))

  it('are read the same in whatever segments, chunks and encoding they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 3000 }),
        arbitraryLengths,
        arbitraryLengths,
        fc.boolean(),
        fc.boolean(),
        async (content, segments, chunks, isChunked, isEncoded) => {
          const text = content.toWellFormed()
          const body = isEncoded ? gzipSync(text) : Buffer.from(text)
          const encoding = isEncoded ? ['Content-Encoding: gzip'] : []
          const framing = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`
          const message = Buffer.concat([
            head('/text', framing, ...encoding),
            isChunked ? toChunks(body, chunks) : body,
          ])
          const expected = text.replace(/^\ufeff/, '')
          expect(JSON.parse(await sendInSegments(server.port, message, segments))).to.equal(expected)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('of multipart forms are read as they were written, in whatever segments they come', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryParts, arbitraryLengths, async (parts: Part[], segments) => {
        const body = encodeMultipart(parts)
        const fields = [`Content-Type: ${multipart['content-type']}`, `Content-Length: ${body.length}`]
        const message = Buffer.concat([head('/form', ...fields), body])
        const answer = await sendInSegments(server.port, message, segments)
        const values = new Map<string, string[]>()
        for (const { name = '', filename, content } of parts) {
          if (filename === undefined) values.set(name, [...(values.get(name) ?? []), String(content)])
        }
        const files = parts
          .filter(({ filename }) => filename !== undefined)
          .map(({ name, content }) => [name, Buffer.from(content).toString('hex'), content.length])
        const got = JSON.parse(answer) as { fields: [string, unknown][]; files: unknown }
        expect(new Map(got.fields)).to.deep.equal(
          new Map([...values].map(([name, all]) => [name, all.length === 1 ? all[0] : all])),
        )
        expect(got.files).to.deep.equal(files)
      }),
      { numRuns: 100 },
    )
  })
})
