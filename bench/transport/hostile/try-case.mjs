// Sends the bytes of a case and describes what came of it.

import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long nothing comes before a connection counts as waiting, in milliseconds. */
const SILENCE_MS = 500

/**
 * Returns the answers in turn, such as `200 "GET / "` and `400`, then whether the connection was closed.
 *
 * @param pieces of the bytes, each sent alone
 */
export async function tryCase(port, pieces) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let received = ''
  let lastAt = performance.now()
  let isClosed = false
  socket.setEncoding('latin1')
  socket.on('data', (text) => {
    received += text
    lastAt = performance.now()
  })
  socket.on('error', () => {})
  socket.on('end', () => (isClosed = true))
  socket.on('close', () => (isClosed = true))
  for (const piece of pieces) {
    if (isClosed) break
    socket.write(piece, 'latin1')
    lastAt = performance.now()
    if (pieces.length > 1) await sleep(0)
  }
  while (!isClosed && performance.now() - lastAt < SILENCE_MS) await sleep(5)
  socket.destroy()
  return [...readAnswers(received), isClosed ? 'closed' : 'waits'].join(', ')
}

function readAnswers(received) {
  const answers = []
  let rest = received
  while (rest.startsWith('HTTP/1.1 ')) {
    const end = rest.indexOf('\r\n\r\n') + 4
    if (end === 3) break
    const head = rest.slice(0, end)
    const status = head.slice(9, 12)
    const isHead = rest.slice(end).startsWith('HTTP/1.1 ')
    const field = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    const lengthOfChunks = /\r\ntransfer-encoding: chunked/i.test(head) ? rest.indexOf('0\r\n\r\n', end) + 5 - end : 0
    const length = isHead || status === '100' ? 0 : Number(field ?? lengthOfChunks)
    const body = rest.slice(end, end + length)
    answers.push(status === '200' ? `200 ${body.slice(0, 60)}` : status)
    rest = rest.slice(end + length)
  }
  return rest === '' ? answers : [...answers, `and ${JSON.stringify(rest.slice(0, 40))}`]
}
