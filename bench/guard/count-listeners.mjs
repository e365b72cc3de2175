// How many listeners a request adds, over a real connection that is kept alive.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Agent, get } from 'node:http'

/**
 * Counts listeners that are added to requests, responses and their connection once a server has them, by request.
 *
 * @returns a count for each pair such as `response close`
 */
export async function countListeners(port, path, requests) {
  const counts = new Map()
  const watch = (emitter, name) =>
    emitter.on('newListener', (event) => {
      const key = `${name} ${String(event)}`
      counts.set(key, (counts.get(key) ?? 0) + 1 / requests)
    })
  const sockets = new Set()
  const onStart = ({ request, response, socket }) => {
    watch(request, 'request')
    watch(response, 'response')
    if (!sockets.has(socket)) watch(socket, 'connection')
    sockets.add(socket)
  }
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  subscribe('http.server.request.start', onStart)
  for (let i = 0; i < requests; i++) await ask({ port, path, agent, host: '127.0.0.1' })
  unsubscribe('http.server.request.start', onStart)
  agent.destroy()
  return counts
}

async function ask(options) {
  const response = await new Promise((resolve, reject) => get(options, resolve).on('error', reject))
  await response.toArray()
}
