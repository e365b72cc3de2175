// tribind's route table as its server uses it.

import {
  compareBound,
  MethodGroups,
  parsePath,
  parsePattern,
  parseTarget,
  readParams,
  RouteIndex,
  RouteTable,
  runAtOnce,
  TablePart,
} from './built/route-table.js'

/** What `Request` gives the table: the path is split and decoded when that is asked for, and once. */
class Target {
  host = 'localhost'
  isPlain = false
  #segments = null

  constructor(method, url) {
    this.method = method
    this.rawPath = url.startsWith('/') && !url.includes('?') ? url : parseTarget(url).path
  }

  get segments() {
    if (this.#segments === null) this.#segments = parsePath(this.rawPath)
    return this.#segments
  }
}

export function createTribindRouter(routes) {
  const bounds = routes.map((text, order) => {
    const { methods, route, domains } = parsePattern(`GET:${text}`)
    return { method: methods[0], route, domain: domains[0], order, value: text }
  })
  const index = runAtOnce(RouteIndex.build(bounds.toSorted(compareBound)))
  const part = new TablePart(index, new MethodGroups(new Set()), (bound) => bound)
  const table = new RouteTable([part], { strictDomains: false })
  return (method, url) => {
    const target = new Target(method, url)
    const found = table.find(target)
    if (found === undefined) return undefined
    // Parameters are read when a handler asks for them, and that of a route without any doesn't.
    return {
      route: found.value,
      params: found.route.parameters > 0 ? readParams(found.route, target) : undefined,
    }
  }
}
