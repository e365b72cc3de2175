import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { utimesSync } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import zlib from 'node:zlib'
import { expect } from 'chai'
import { compress } from 'tribind'
import { overHttp1 } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

type Fields = Record<string, string>

async function ask(port: number, headers: Fields): Promise<IncomingMessage> {
  const request = http.get({ host: '127.0.0.1', port, path: '/a.txt', agent: false, headers })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

/** Reads the first bytes of an answer, then cuts its connection. */
async function readSome(response: IncomingMessage, length: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    if (Buffer.concat(chunks).length >= length) break
  }
  return Buffer.concat(chunks)
}

/** The field that makes a range depend on the version that a client has a part of (RFC 9110, section 13.1.5). */
function conditionOf({ headers: { etag, 'last-modified': date } }: IncomingMessage): Fields | undefined {
  if (etag !== undefined && !etag.startsWith('W/')) return { 'If-Range': etag }
  return date === undefined ? undefined : { 'If-Range': date }
}

/** Downloads in two parts where the first answer lets it, as RFC 9110, section 14 has it; else from the start again. */
async function downloadInParts(port: number, fields: Fields) {
  const first = await ask(port, fields)
  const part = await readSome(first, 10_000)
  const condition = conditionOf(first)
  const range = condition && { ...condition, Range: `bytes=${part.length}-` }
  const second = await ask(port, { ...fields, ...range })
  const rest = await buffer(second)
  const body = second.statusCode === 206 ? Buffer.concat([part, rest]) : rest
  return { body, status: second.statusCode, coding: first.headers['content-encoding'] }
}

describe('compress: downloads that are resumed', () => {
  const text = randomBytes(200_000).toString('base64')
  let root = ''

  before(() => {
    root = temporaryFolder({ 'a.txt': text })
    const past = new Date('2024-01-01T00:00:00Z')
    utimesSync(`${root}/a.txt`, past, past)
  })

  overHttp1(
    'are whole, in the coding they began with',
    (server) => {
      server.use(compress())
      server.get('/a.txt', ({ response }) => response.serveFile('a.txt', { root }))
    },
    async (_send, _world, { port }) => {
      const coded = await downloadInParts(port, { 'Accept-Encoding': 'gzip' })
      expect(coded.coding).to.equal('gzip')
      expect(zlib.gunzipSync(coded.body).toString()).to.equal(text)
      const plain = await downloadInParts(port, {})
      expect([plain.status, plain.coding, plain.body.toString() === text]).to.deep.equal([206, undefined, true])
    },
  )

  overHttp1(
    'get no date from a 304 either that would join encoded and plain bytes',
    (server) => {
      server.use(compress())
      server.get('/a.txt', ({ response }) => response.serveFile('a.txt', { root }))
    },
    async (_send, _world, { port }) => {
      const first = await ask(port, { 'Accept-Encoding': 'gzip' })
      await readSome(first, 10_000)
      const etag = first.headers.etag as string
      const second = await ask(port, { 'Accept-Encoding': 'gzip', 'If-None-Match': etag })
      second.resume()
      expect([second.statusCode, second.headers.etag]).to.deep.equal([304, etag])
      expect(conditionOf(second)).to.equal(undefined)
    },
  )

  overHttp1(
    'get no strong tag from such a 304',
    (server) => {
      server.use(compress())
      server.get('/a.txt', ({ response }) => {
        response.setHeader('ETag', '"1"')
        response.setHeader('Accept-Ranges', 'bytes')
        response.status = 304
      })
    },
    async (_send, _world, { port }) => {
      const coded = await ask(port, { 'Accept-Encoding': 'gzip' })
      const plain = await ask(port, {})
      for (const answer of [coded, plain]) answer.resume()
      expect([coded.headers.etag, plain.headers.etag]).to.deep.equal(['W/"1"', '"1"'])
    },
  )
})
