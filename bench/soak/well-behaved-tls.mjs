// Clients over TLS that do as they should: whatever isn't exactly what they asked for is thrown.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { get } from 'node:https'
import { text } from 'node:stream/consumers'
import { page } from './contract.mjs'

let last = 0
const createToken = () => `secure-${++last}`

/** Each takes the port of the server. */
export const wellBehavedTls = {
  async https(port) {
    const token = createToken()
    const options = { port, host: '127.0.0.1', path: `/text/${token}`, rejectUnauthorized: false, agent: false }
    const [response] = await once(get(options), 'response')
    assert.deepEqual([response.statusCode, await text(response)], [200, token])
  },

  /** All at once over one connection. */
  async http2(port) {
    // Its streams tell of its errors.
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false }).on('error', () => {})
    const token = createToken()
    const json = JSON.stringify({ token, filler: 'ü'.repeat(5000) })
    const expected = {
      [`/text/${token}`]: token,
      [`/slow/${token}`]: token,
      [`/stream/${token}?parts=20`]: `${token}\n`.repeat(20),
      [`/controller/show?token=${token}`]: token,
      '/static/page.txt': page,
    }
    try {
      await Promise.all([
        ...Object.entries(expected).map(([path, body]) => expectAnswer(session, { ':path': path }, undefined, body)),
        expectAnswer(session, { ':path': '/json', ':method': 'POST', 'content-type': 'application/json' }, json, json),
      ])
    } finally {
      session.close()
    }
  },
}

async function expectAnswer(session, headers, sent, expected) {
  const stream = session.request(headers)
  const head = once(stream, 'response')
  stream.end(sent)
  const [{ ':status': status }] = await head
  assert.deepEqual({ status, body: await text(stream) }, { status: 200, body: expected })
}
