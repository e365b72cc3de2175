// Clients that come to a port of TLS and don't finish what that asks for.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { limits } from './contract.mjs'
import { RawClient } from './raw-client.mjs'

/** The start of a ClientHello that is 512 bytes long. */
const halfAHello = Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'latin1')

/** Each takes the port of the server and a function that gives random numbers. */
export const hostileTls = {
  saysNoHello: (port, random) => waitForHandshake(port, random, ''),

  saysHalfAHello: (port, random) => waitForHandshake(port, random, halfAHello),

  async speaksNoTls(port) {
    const client = new RawClient(port)
    await client.write('GET /text/a HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.ended
    assert.equal(client.answers.length, 0, 'a request without TLS was answered')
  },

  async saysNothingAfterTheHandshake(port, random) {
    const ALPNProtocols = random() < 0.5 ? ['h2'] : ['http/1.1']
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols })
    const closed = once(socket.on('error', () => {}).resume(), 'close')
    await Promise.race([closed, sleep(random() * 2 * limits.keepAliveTimeout)])
    socket.destroy()
  },
}

/** The place of such a client is free again after the time for a handshake. */
async function waitForHandshake(port, random, start) {
  const client = new RawClient(port)
  await client.write(start)
  if (random() < 0.5) await sleep(random() * 500)
  else await client.ended
  client.leave()
}
