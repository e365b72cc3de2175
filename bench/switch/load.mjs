// Sends requests at a steady rate, whether or not those before are answered, and checks each answer.

import http from 'node:http'
import http2 from 'node:http2'
import { buffer } from 'node:stream/consumers'
import { SHOP_ROUTES } from './contract.mjs'

/** Returns a function that asks for a path and returns the body of a 200; of anything else, it throws. */
export function openClient(port, isHttp2) {
  return isHttp2 ? openHttp2(port) : openHttp1(port)
}

function openHttp1(port) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  const ask = async (path) => {
    const request = http.get({ agent, port, host: '127.0.0.1', path })
    const response = await new Promise((resolve, reject) => request.on('response', resolve).on('error', reject))
    const body = (await buffer(response)).toString()
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${path}`)
    return body
  }
  return { ask, close: () => agent.destroy() }
}

function openHttp2(port) {
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
  const ask = async (path) => {
    const stream = session.request({ ':path': path })
    const head = await new Promise((resolve, reject) => stream.on('response', resolve).on('error', reject))
    const body = (await buffer(stream)).toString()
    if (head[':status'] !== 200) throw new Error(`${head[':status']} ${path}`)
    return body
  }
  return { ask, close: () => session.destroy() }
}

/**
 * Loads a server for some seconds.
 *
 * @param serves returns the version that a request sent now must have, or a later one
 * @returns `{ sent, lost, mixed, p50, p99, longest }`, times in milliseconds from when a request was due
 */
export async function load(client, { seconds, rate, routes, serves }) {
  const result = { sent: 0, lost: 0, mixed: 0 }
  const times = []
  const pending = []
  const startedAt = performance.now()
  const send = async (dueAt) => {
    const path =
      result.sent++ % 2 === 0
        ? `/shop/${Math.floor(Math.random() * SHOP_ROUTES)}`
        : `/code/${Math.floor(Math.random() * routes)}`
    const atLeast = serves()
    try {
      const [first, version, answered] = (await client.ask(path)).split(' ')
      const isOwn = path.startsWith('/code/') ? version === '0' : first === version && Number(version) >= atLeast
      if (answered !== path || !isOwn) result.mixed++
    } catch {
      result.lost++
    }
    times.push(performance.now() - dueAt)
  }
  for (let due = 0; due < seconds * rate;) {
    const now = performance.now() - startedAt
    for (; due < seconds * rate && (due * 1000) / rate <= now; due++)
      pending.push(send(startedAt + (due * 1000) / rate))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(pending)
  times.sort((a, b) => a - b)
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]
  return { ...result, p50: at(0.5), p99: at(0.99), longest: at(1) }
}
