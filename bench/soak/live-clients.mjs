// Clients of what changes. The well-behaved throw whatever isn't exactly what they asked for.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as sendRequest } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { head, hostile } from './hostile.mjs'
import { RawClient } from './raw-client.mjs'
import { ask, assertAnswer, createToken } from './well-behaved.mjs'

/** The highest version that has answered: what is asked from then on, no earlier one may answer. */
let latest = 0

/** Each takes the port of the server and a function that gives random numbers. */
export const wellBehavedLive = {
  page: (port) => askForPage(port),

  /** What is closed meanwhile may refuse it, or leave it in the backlog; the server itself tells if it had begun to serve it. */
  async pageAtTheDoor(port) {
    const door = await findDoor(port)
    if (door === undefined) return
    await askForPage(door).catch((error) => {
      if (error.code !== 'ECONNREFUSED' && error.code !== 'ECONNRESET') throw error
    })
  },

  /** Has nothing else asked for meanwhile, so that the route may have changed before all of the body is there. */
  async slowBody(port, random) {
    const size = 2 + Math.floor(random() * 50_000)
    const before = latest
    const headers = { 'content-length': size }
    const options = { port, host: '127.0.0.1', method: 'POST', path: '/live/body', headers, agent: false }
    const request = sendRequest(options)
    const answered = once(request, 'response')
    request.write('x')
    await Promise.race([sleep(random() * 500), answered])
    request.end('x'.repeat(size - 1))
    const [response] = await answered
    const { version, ...rest } = await json(response)
    assert.deepEqual(rest, { size })
    expectVersion(version, before)
  },

  /** Ends with the client, or the route, but never in the midst of an event. */
  async liveEvents(port, random) {
    const token = createToken()
    const before = latest
    const request = sendRequest({ port, host: '127.0.0.1', path: `/live/events/${token}`, agent: false }).end()
    const [response] = await once(request, 'response')
    let text = ''
    response.on('data', (chunk) => (text += chunk))
    const ended = once(response, 'end').then(() => true)
    const isWhole = await Promise.race([ended, sleep(random() * 1000, false)])
    ended.catch(() => {})
    request.destroy()
    const events = text.split('\n\n')
    if (events.pop() !== '') assert(!isWhole, `half an event at the end: ${text.slice(-100)}`)
    if (events.length === 0) return
    const version = Number(events[0].split(' ').at(-1))
    assert(
      events.every((event) => /^data: ?(.*)$/.exec(event)?.[1] === `${token} ${version}`),
      `mixed events: ${text}`,
    )
    expectVersion(version, before)
  },

  async liveSocket(port, random) {
    const token = createToken()
    const before = latest
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live/socket`)
    const answers = new Set()
    socket.on('message', (data) => answers.add(String(data)))
    await once(socket, 'open')
    const closed = once(socket, 'close')
    const until = performance.now() + random() * 1000
    while (socket.readyState === WebSocket.OPEN && performance.now() < until) {
      socket.send(token)
      await sleep(20)
    }
    socket.close(1000)
    const [code] = await closed
    assert(code === 1000 || code === 1001, `the WebSocket was closed with ${code}`)
    if (answers.size === 0) return
    const [answer] = answers
    assert(answers.size === 1 && answer.startsWith(`${token} `), `mixed messages: ${[...answers].join()}`)
    expectVersion(Number(answer.split(' ')[1]), before)
  },
}

const wholeRequests = [
  head('GET /live/left/page'),
  head('GET /live/events/left'),
  head('POST /live/body', 'Content-Length: 1000') + 'half a body',
  head(
    'GET /live/socket',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${'A'.repeat(22)}==`,
  ),
]

/** Those that are nowhere before an answer, and so can go where is closed at any time. */
const leaving = ['leaves', 'leavesInItsBody', 'leavesItsPipeline', 'doesNotRead']

/** Each takes the port of the server and a function that gives random numbers. */
export const hostileLive = {
  async leavesWhatChanges(port, random) {
    const client = new RawClient(port)
    await client.write(wholeRequests[Math.floor(random() * wholeRequests.length)])
    await sleep(random() * 500)
    client.leave()
  },

  /** Until the route has gone, or the connection is cut. */
  async doesNotReadWhatChanges(port, random) {
    const client = new RawClient(port)
    client.stopReading()
    await client.write(wholeRequests[Math.floor(random() * wholeRequests.length)])
    await Promise.race([client.ended, sleep(random() * 5000)])
    client.leave()
  },

  async leavesByTheDoor(port, random) {
    const door = await findDoor(port)
    if (door !== undefined) await hostile[leaving[Math.floor(random() * leaving.length)]](door, random)
  },
}

async function askForPage(port) {
  const token = createToken()
  const before = latest
  const answer = await ask(port, 'GET', `/live/page/${token}`)
  const { version } = JSON.parse(answer.body)
  assertAnswer(answer, 200, JSON.stringify({ token, version }))
  expectVersion(version, before)
}

function expectVersion(version, before) {
  assert(version > 0 && version >= before, `version ${version} answered, although ${before} had before`)
  latest = Math.max(latest, version)
}

/** Returns the port of an entry point that comes and goes, if it is there. */
async function findDoor(port) {
  const { body } = await ask(port, 'GET', '/door')
  return Number(body) || undefined
}
