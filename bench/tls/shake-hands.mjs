// The client of the handshakes, in a process of its own.

import { once } from 'node:events'
import { connect } from 'node:tls'
import { answerParent } from '../http/answer-parent.mjs'

/** How many connections are open at a time. */
const PARALLEL = 4

answerParent({
  /** Opens and closes `count` connections, each with a new handshake or with the session of one before. */
  async shakeHands({ count, resumed, ...options }) {
    const session = resumed ? await openSession(options) : undefined
    let left = count
    const work = async () => {
      while (left-- > 0) await shakeHand({ ...options, session })
    }
    await Promise.all(Array.from({ length: PARALLEL }, work))
  },
})

async function shakeHand({ session, ...options }) {
  const socket = connectTo({ ...options, session })
  await once(socket, 'secureConnect')
  if (socket.isSessionReused() !== (session !== undefined))
    throw new Error('the handshake was not of the kind that is measured')
  socket.end()
  await once(socket, 'close')
}

async function openSession(options) {
  const socket = connectTo(options)
  const [session] = await once(socket, 'session')
  socket.end()
  await once(socket, 'close')
  return session
}

function connectTo({ port, version, alpn, session }) {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    ALPNProtocols: [alpn],
    session,
  })
  // Of HTTP/2, the server sends its settings.
  return socket.resume()
}
