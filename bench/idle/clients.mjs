// The clients, in a process of their own: once answered, a connection says nothing but what HTTP/2 asks of it.

import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerParent } from '../http/answer-parent.mjs'
import { ACK, createFrameReader, END_STREAM, frame, preface, request, types } from '../http2-frames.mjs'

/** How many connect at once: the queue of those that wait to be accepted is short. */
const AT_ONCE = 50

const host = '127.0.0.1'
const plainRequest = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
const upgrade =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
const sockets = []
/** How many of the streams have got something since they were opened. */
let told = 0

const open = {
  http: (port) => openPlain(connectTcp({ port, host }), 'connect'),
  https: (port) => openPlain(connectTls({ port, host, rejectUnauthorized: false }), 'secureConnect'),
  websocket: (port) => openStream(connectTcp({ port, host }), plainRequest.replace('\r\n\r\n', `\r\n${upgrade}\r\n`)),
  events: (port) => openStream(connectTcp({ port, host }), plainRequest),
  http2: (port) => openHttp2(connectTls({ port, host, rejectUnauthorized: false, ALPNProtocols: ['h2'] })),
}

answerParent({
  /** Opens `count` connections, each of which asks `requests` times, one after the other. */
  async open({ protocol, port, count, requests }) {
    let begun = 0
    const openSome = async () => {
      while (begun++ < count) {
        const { socket, ask } = await open[protocol](port)
        sockets.push(socket)
        for (let i = 0; i < requests; i++) await ask()
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, openSome))
  },

  /** Resolves once so many streams have got something since the last call. */
  async told({ count }) {
    while (told < count) await sleep(5)
    told = 0
  },

  close() {
    for (const socket of sockets.splice(0)) socket.destroy()
  },
})

async function openPlain(socket, ready) {
  await once(socket, ready)
  const ask = async () => {
    socket.write(plainRequest)
    const [answer] = await once(socket, 'data')
    if (!answer.toString('latin1').startsWith('HTTP/1.1 200 ')) throw new Error(`answered ${answer}`)
  }
  return { socket, ask }
}

/** What stays open once its head has come: it is asked for once, and anything after is something told. */
async function openStream(socket, request) {
  await once(socket, 'connect')
  socket.write(request)
  const [head] = await once(socket, 'data')
  if (!/^HTTP\/1\.1 (?:101|200) /.test(head.toString('latin1'))) throw new Error(`answered ${head}`)
  socket.on('data', () => told++)
  return { socket, ask: () => {} }
}

async function openHttp2(socket) {
  await once(socket, 'secureConnect')
  let settle
  let last = -1
  const isAnswered = ({ stream, flags }) => stream === last && (flags & END_STREAM) > 0
  const acknowledge = ({ type, flags, payload }) => {
    if (flags !== 0) return
    if (type === types.settings) socket.write(frame(type, ACK, 0))
    if (type === types.ping) socket.write(frame(type, ACK, 0, payload))
  }
  socket.write(preface())
  socket.on('error', (error) => settle?.reject(error)).on('close', () => settle?.reject(new Error('closed')))
  socket.on(
    'data',
    createFrameReader((one) => {
      if (one.stream === 0) acknowledge(one)
      else if (isAnswered(one)) settle.resolve()
    }),
  )
  const ask = () => {
    socket.write(request((last += 2), '/'))
    return new Promise((resolve, reject) => (settle = { resolve, reject }))
  }
  return { socket, ask }
}
