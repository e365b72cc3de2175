// What changes while clients come: a layer is replaced, entry points are replaced at their address, closed and opened.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from './contract.mjs'
import { bindVersion } from './live-routes.mjs'

/** What a build ends with that must be refused, by the error. */
const invalid = {
  Error() {
    throw new Error('a build that fails')
  },
  DuplicateRouteError: (routes) => void routes.get('/text/:token', () => 'the route of the layer "code"'),
  RouteError: (routes) => void routes.get('no pattern', () => {}),
  async TypeError(routes) {
    await sleep(20)
    routes.get(undefined.route)
  },
}
const refusals = Object.entries(invalid)

/**
 * @param options by name, those of the entry points that are replaced, of which `door` is closed too
 * @param counts as of `bindVersion`; `replaced`, `refused` and `opened` say how often that was done
 */
export function createChanges(server, options, counts) {
  const layer = server.layer('live')
  let number = 0
  let isChanging = false
  let running

  async function replaceLayer() {
    number++
    if (number % 5 === 0) return refuse(...refusals[(number / 5) % refusals.length])
    const streams = number % 7 === 0 ? { streams: 'end', drainTimeout: 500 } : {}
    await layer.replace((routes) => bindVersion(routes, number, counts), streams)
    counts.replaced++
  }

  async function refuse(name, end) {
    const replaced = layer.replace((routes) => {
      bindVersion(routes, -number, counts)
      return end(routes)
    })
    await assert.rejects(replaced, { name })
    counts.refused++
  }

  async function replaceAtItsAddress(name) {
    const [address] = server.entryPoint(name).addresses
    await server.replaceEntryPoint(name, { ...options[name], address })
    assert.deepEqual(server.entryPoint(name).addresses, [address])
  }

  async function useDoor() {
    await replaceAtItsAddress('door')
    await sleep(300)
    await server.closeEntryPoint('door', limits.requestTimeout)
    await server.openEntryPoint('door', options.door)
    counts.opened++
  }

  async function repeat(change, pauseMs) {
    while (isChanging) {
      await change().catch((error) => counts.failures.push(`a change: ${error.stack}`))
      await sleep(pauseMs)
    }
  }

  return {
    /** Resolves when the routes of the layer are there. */
    async start() {
      isChanging = true
      await replaceLayer()
      const replaced = Object.keys(options).filter((name) => name !== 'door')
      running = Promise.all([
        repeat(replaceLayer, 200),
        repeat(useDoor, 300),
        ...replaced.map((name) => repeat(() => replaceAtItsAddress(name), 1000)),
      ])
    },

    async rest() {
      isChanging = false
      await running
      await layer.remove()
    },
  }
}
