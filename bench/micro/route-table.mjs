// The route table against other routers: a static hit, a hit with a parameter, a miss, in tables of 10 to 100,000 routes.

import { isDeepStrictEqual } from 'node:util'
import { measureRounds } from './measure-rounds.mjs'
import { routers } from './routers.mjs'
import { createPaths, createRoutes, requestKinds } from './tables.mjs'

const CALLS_PER_SLICE = 10_000

// Beyond, a parameter hit takes these tens of microseconds, and the run would take a quarter of an hour.
const mostRoutes = { 'hono SmartRouter': 1_000, 'hono RegExpRouter': 1_000 }

/** For each kind of request the figures of all routers, one a round, on a table of `size` routes; and who can't have it. */
export function measureTable(size, rounds) {
  const routes = createRoutes(size)
  const { built, refused } = buildRouters(routes)
  const kinds = Object.keys(requestKinds).map((kind) => {
    const paths = createPaths(kind, size)
    checkAnswers(built, paths)
    const prepare = () => receive(paths)
    const contestants = Object.fromEntries(Object.entries(built).map(([name, call]) => [name, { call, prepare }]))
    return { kind, nanos: measureRounds(contestants, rounds) }
  })
  return { size, refused, kinds }
}

function buildRouters(routes) {
  const built = {}
  const refused = {}
  for (const [name, create] of Object.entries(routers)) {
    if (routes.length > mostRoutes[name]) {
      refused[name] = `left out beyond ${mostRoutes[name]} routes`
      continue
    }
    try {
      const find = create(routes)
      // Some are built by their first search only.
      find('GET', routes[0])
      built[name] = (url) => find('GET', url)
    } catch (error) {
      refused[name] = error.message
    }
  }
  return { built, refused }
}

/** Throws unless every router gives the same route and parameters for each path. */
function checkAnswers(built, paths) {
  for (const path of paths) {
    const [[first, expected], ...others] = Object.entries(built).map(([name, find]) => [name, readAnswer(find(path))])
    for (const [name, answer] of others) {
      if (isDeepStrictEqual(answer, expected)) continue
      throw new Error(`${path}: ${name} gives ${JSON.stringify(answer)}, ${first} ${JSON.stringify(expected)}`)
    }
  }
}

/** rou3 has no object where there are no parameters; others have one that inherits nothing. */
function readAnswer(found) {
  return found && { route: found.route, params: { ...found.params } }
}

/** Strings that nobody has seen before, as from a socket: one that was looked up already would bring its hash along. */
function receive(paths) {
  const bytes = paths.map((path) => Buffer.from(path))
  return Array.from({ length: CALLS_PER_SLICE }, (_, i) => bytes[i % bytes.length].latin1Slice())
}
