// Clients that do as they should: whatever isn't exactly what they asked for is thrown.

import assert from 'node:assert/strict'
import { Agent, request as sendRequest } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { WebSocket } from 'ws'
import { page } from './contract.mjs'
import { RawClient } from './raw-client.mjs'

const agent = new Agent({ keepAlive: true, maxSockets: 50 })
let last = 0
export const createToken = () => `token-${++last}-${Math.random().toString(36).slice(2)}`
/** By port: each server has sessions of its own. */
const jarsOf = {}

/** Each takes the port of the server and a function that gives random numbers. */
export const wellBehaved = {
  async text(port) {
    const token = createToken()
    assertAnswer(await ask(port, 'GET', `/text/${token}`), 200, token)
  },

  async slow(port) {
    const token = createToken()
    assertAnswer(await ask(port, 'GET', `/slow/${token}`), 200, token)
  },

  async json(port, random) {
    const value = JSON.stringify({ token: createToken(), filler: 'ü'.repeat(random() * 20_000) })
    const headers = { 'content-type': 'application/json' }
    assertAnswer(await ask(port, 'POST', '/json', { headers, body: value }), 200, value)
  },

  async upload(port, random) {
    const token = createToken()
    const size = Math.floor(random() * 100_000)
    const body = formOf(token, 'x'.repeat(size))
    const headers = { 'content-type': 'multipart/form-data; boundary=b' }
    const answer = await ask(port, 'POST', `/upload/${token}`, { headers, body })
    assertAnswer(answer, 200, JSON.stringify({ token, size, field: token }))
  },

  async stream(port, random) {
    const token = createToken()
    const parts = Math.floor(random() * 50)
    assertAnswer(await ask(port, 'GET', `/stream/${token}?parts=${parts}`), 200, `${token}\n`.repeat(parts))
  },

  async events(port) {
    const token = createToken()
    const request = sendRequest({ port, host: '127.0.0.1', path: `/events/${token}`, agent: false }).end()
    const response = await new Promise((resolve, reject) => request.on('response', resolve).on('error', reject))
    let received = ''
    for await (const chunk of response) if ((received += chunk).length > 5 * token.length) break
    const data = received.match(/^data: ?.*$/gm).slice(0, -1)
    assert(data.length > 0 && data.every((line) => line.endsWith(token)), `events of others: ${received}`)
  },

  async session(port) {
    // Few clients that come again and again: the store keeps what each of them has.
    const jars = (jarsOf[port] ??= [])
    const jar = (jars.length < 20 ? undefined : jars.shift()) ?? { cookie: undefined, token: null }
    const token = createToken()
    const headers = jar.cookie === undefined ? {} : { cookie: jar.cookie }
    const answer = await ask(port, 'POST', `/session/${token}`, { headers })
    assertAnswer(answer, 200, JSON.stringify({ before: jar.token }))
    jars.push({ cookie: answer.headers['set-cookie']?.[0].split(';')[0] ?? jar.cookie, token })
  },

  async controller(port) {
    const token = createToken()
    assertAnswer(await ask(port, 'GET', `/controller/show?token=${token}`), 200, token)
  },

  async file(port) {
    assertAnswer(await ask(port, 'GET', '/static/page.txt'), 200, page)
  },

  async nothing(port) {
    assertAnswer(await ask(port, 'GET', `/nowhere/${createToken()}`), 404, 'Not Found')
  },

  async pipeline(port, random) {
    const tokens = Array.from({ length: 1 + random() * 10 }, createToken)
    const client = new RawClient(port)
    const paths = tokens.map((token) => `/${random() < 0.5 ? 'slow' : 'text'}/${token}`)
    await client.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
    const answers = await client.read(tokens.length)
    client.leave()
    const answered = client.isToldToClose ? tokens.slice(0, Math.max(1, answers.length)) : tokens
    assert.deepEqual(
      answers,
      answered.map((body) => ({ status: 200, body })),
    )
  },

  async webSocket(port) {
    const token = createToken()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`)
    const echoed = await new Promise((resolve, reject) => {
      socket.on('open', () => socket.send(token)).on('message', resolve)
      socket.on('error', reject).on('close', () => reject(new Error('the WebSocket was closed')))
    })
    assert.equal(String(echoed), token)
    socket.close()
    await new Promise((resolve) => socket.once('close', resolve))
  },
}

export function formOf(token, file) {
  const field = `--b\r\nContent-Disposition: form-data; name="field"\r\n\r\n${token}\r\n`
  const start =
    '--b\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\n'
  return `${field}${start}${file}\r\n--b--\r\n`
}

/** Lets go of what the clients keep open. */
export function closeAll() {
  agent.destroy()
}

export function assertAnswer({ status, body }, expectedStatus, expectedBody) {
  assert.deepEqual({ status, body: body.toString() }, { status: expectedStatus, body: expectedBody })
}

/** Asks again where the server has closed a kept connection meanwhile: nobody can have served that request. */
export async function ask(port, method, path, { headers = {}, body } = {}) {
  for (;;) {
    const request = sendRequest({ port, host: '127.0.0.1', method, path, headers, agent })
    const isAnswered = new Promise((resolve, reject) => request.on('response', resolve).on('error', reject).end(body))
    try {
      const response = await isAnswered
      return { status: response.statusCode, headers: response.headers, body: await buffer(response) }
    } catch (error) {
      if (!request.reusedSocket) throw error
    }
  }
}
