// The routers in comparison, each behind one function: a method and a path in, the route and its parameters out.

import findMyWay from 'find-my-way'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import { addRoute, createRouter, findRoute } from 'rou3'
import { createTribindRouter } from './tribind-router.mjs'

/**
 * For each router what makes, of a list of routes, `find(method, url)`; that gives `{ route, params }`, `undefined` for a miss.
 *
 * One that can't have these routes throws.
 */
export const routers = {
  'find-my-way': createFindMyWay,
  tribind: createTribindRouter,
  rou3: createRou3,
  'hono SmartRouter': (routes) =>
    createHono(routes, new SmartRouter({ routers: [new RegExpRouter(), new TrieRouter()] })),
  'hono RegExpRouter': (routes) => createHono(routes, new RegExpRouter()),
  'hono TrieRouter': (routes) => createHono(routes, new TrieRouter()),
}

function createFindMyWay(routes) {
  const router = findMyWay()
  for (const route of routes) router.on('GET', route, () => {}, route)
  return (method, url) => {
    const found = router.find(method, url)
    return found === null ? undefined : { route: found.store, params: found.params }
  }
}

function createRou3(routes) {
  const router = createRouter()
  for (const route of routes) addRoute(router, 'GET', route, route)
  return (method, url) => {
    const found = findRoute(router, method, url)
    return found === undefined ? undefined : { route: found.data, params: found.params }
  }
}

/** A match holds places of parameters; they are read, and decoded where that is called for, as `c.req.param()` does. */
function createHono(routes, router) {
  for (const route of routes) router.add('GET', route, route)
  return (method, url) => {
    const [handlers, stash] = router.match(method, url)
    const first = handlers[0]
    if (first === undefined) return undefined
    const [route, places] = first
    const params = {}
    for (const name in places) {
      const value = stash === undefined ? places[name] : stash[places[name]]
      params[name] = value.includes('%') ? decodeURIComponent(value) : value
    }
    return { route, params }
  }
}
