// Clients that do as they shouldn't. What the server must not do to any of them is thrown.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { limits } from './contract.mjs'
import { RawClient } from './raw-client.mjs'
import { formOf } from './well-behaved.mjs'

export const head = (line, ...fields) => [`${line} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n')
const json = 'Content-Type: application/json'
const form = 'Content-Type: multipart/form-data; boundary=b'
const chunked = 'Transfer-Encoding: chunked'

const wholeRequests = [
  head('GET /slow/left'),
  head('GET /stream/left?parts=200'),
  head('GET /events/left'),
  head('GET /flood'),
  head('GET /controller/show?token=left'),
  head('GET /static/page.txt'),
  head('POST /json', json, 'Content-Length: 2') + '[]',
  head(
    'GET /socket',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${'A'.repeat(22)}==`,
  ),
]

const slowBodies = [
  head('POST /json', json, 'Content-Length: 1000') + '{"a":',
  head('POST /json', json, chunked) + '5\r\n{"a":',
  head('POST /body', 'Content-Length: 100000', 'Content-Encoding: gzip'),
  head('POST /upload/slow', form, 'Content-Length: 100000') + formOf('slow', 'half a file').slice(0, -10),
  head('POST /text/slow', 'Content-Length: 1000') + 'a body for nobody',
]

/** Whatever the server makes of it, it is the client's fault. */
const malformed = [
  'nonsense\r\n\r\n',
  'GET / HTTP/9.9\r\nHost: a\r\n\r\n',
  'GET /text/a HTTP/1.1\r\n\r\n',
  'GET /text/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'GET /text/a b HTTP/1.1\r\nHost: a\r\n\r\n',
  head('GET /text/%zz'),
  head('GET /../text/a'),
  head('GET /text/a', 'Bad Name: 1'),
  head('POST /json', json, 'Content-Length: -1'),
  head('POST /json', json, 'Content-Length: 2', chunked),
  head('POST /json', json, chunked) + 'zz\r\n',
  head('POST /json', json, 'Content-Length: 6') + '{"a":}',
  head('POST /json', json, 'Content-Length: 9000') + '['.repeat(9000),
  head('POST /upload/bad', form, 'Content-Length: 6') + 'no end',
  head('POST /body', 'Content-Encoding: gzip', 'Content-Length: 6') + 'no zip',
  head('CONNECT nowhere'),
  head('GET /socket', 'Connection: Upgrade', 'Upgrade: websocket'),
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
]

const tooLarge = {
  [head('POST /body', `Content-Length: ${limits.maxBodySize + 1}`) + 'x'.repeat(limits.maxBodySize + 1)]: 413,
  [head('POST /body', chunked) + `${(400_000).toString(16)}\r\n${'x'.repeat(400_000)}\r\n0\r\n\r\n`]: 413,
  [head('GET /text/a', `A: ${'x'.repeat(50_000)}`)]: 431,
  [head('GET /text/a', ...Array.from({ length: limits.maxHeadersCount + 10 }, () => 'a: b'))]: 431,
}

/** A few hundred bytes, or thousands, that are 16 MiB when inflated. */
const bombs = { br: brotliCompressSync(Buffer.alloc(2 ** 24)), gzip: gzipSync(Buffer.alloc(2 ** 24)) }

/** Asks for another protocol than the one that is bound. */
const upgrade = head('GET /text/a', 'Connection: Upgrade, keep-alive', 'Upgrade: foo')

/** Each takes the port of the server and a function that gives random numbers. */
export const hostile = {
  async leaves(port, random) {
    const client = new RawClient(port)
    await client.write(choose(wholeRequests, random))
    await sleep(random() * 50)
    client.leave()
  },

  async leavesInItsBody(port, random) {
    const client = new RawClient(port)
    await client.write(choose(slowBodies, random))
    await sleep(random() * 50)
    client.leave()
  },

  async leavesItsPipeline(port, random) {
    const client = new RawClient(port)
    await client.write(Array.from({ length: 10 }, () => choose(wholeRequests, random)).join(''))
    await sleep(random() * 50)
    client.leave()
  },

  async isMalformed(port, random) {
    const client = new RawClient(port)
    const text = choose(malformed, random)
    await client.write(Buffer.from(text, 'latin1'))
    const [answer] = await client.read(1)
    client.leave()
    if (answer !== undefined) assertClientError(answer.status, text)
  },

  async isMalformedAtLast(port, random) {
    const client = new RawClient(port)
    await client.write(head('GET /slow/first') + head('GET /slow/second') + 'nonsense\r\n\r\n')
    const answers = await client.read(3)
    client.leave()
    const told = answers.map(({ status, body }) => (status === 200 ? body : status))
    const expected = ['first', 'second', 400]
    assert.deepEqual(told, client.isToldToClose ? expected.slice(0, Math.max(1, told.length)) : expected)
  },

  async isTooLarge(port, random) {
    const client = new RawClient(port)
    const [text, status] = choose(Object.entries(tooLarge), random)
    await client.write(text)
    const [answer] = await client.read(1)
    client.leave()
    assert.equal(answer?.status, status)
  },

  async sendsInflateBombs(port, random) {
    const client = new RawClient(port)
    const [coding, bomb] = choose(Object.entries(bombs), random)
    await client.write(head('POST /body', `Content-Encoding: ${coding}`, `Content-Length: ${bomb.length}`))
    await client.write(bomb)
    const [answer] = await client.read(1)
    client.leave()
    assert.equal(answer?.status, 413)
  },

  async floodsWithUpgrades(port) {
    const client = new RawClient(port)
    await client.write(upgrade.repeat(300))
    const answers = await client.read(limits.maxRequestsPerSocket)
    client.leave()
    assert(answers.length > 0 && answers.every(({ status, body }) => status === 200 && body === 'a'))
  },

  async sendsSlowly(port, random) {
    const client = new RawClient(port)
    await client.write(choose(slowBodies, random))
    const [answer] = await client.read(1)
    await Promise.race([client.ended, sleep(random() * limits.requestTimeout)])
    client.leave()
    if (answer !== undefined && answer.status !== 200) assertClientError(answer.status, 'a slow body')
  },

  async saysHalf(port, random) {
    const client = new RawClient(port)
    await client.write(choose(['', 'GET', 'GET /text/a HTTP/1.1\r\nHost', `${head('GET /slow/a')}GET /`], random))
    if (random() < 0.5) await sleep(random() * 1000)
    else await client.ended
    const { answers } = client
    client.leave()
    for (const { status, body } of answers) assert(status === 408 || body === 'a', `${status} ${body} to half a head`)
  },

  async doesNotRead(port, random) {
    const client = new RawClient(port)
    client.stopReading()
    await client.write(
      choose([head('GET /flood'), head('GET /events/unread'), head('GET /static/page.txt').repeat(100)], random),
    )
    await Promise.race([client.ended, sleep(random() * 2 * limits.timeout)])
    client.leave()
  },
}

function choose(list, random) {
  return list[Math.floor(random() * list.length)]
}

function assertClientError(status, text) {
  assert(status >= 400 && status < 500, `${status} to ${JSON.stringify(text.slice(0, 200))}`)
}
