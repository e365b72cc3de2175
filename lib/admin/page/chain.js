/** @import { Issue } from './api.js' */
/** @typedef {{ readonly name: string, readonly provider: string, readonly status: string, readonly issues: readonly Issue[], readonly usedBy: readonly string[], readonly definition?: any, readonly nodes?: readonly any[] }} PartRow As the API lists it. */
/** @typedef {{ readonly services: readonly PartRow[], readonly middlewares: readonly PartRow[], readonly routes: Readonly<Record<string, any>>, readonly providers: readonly { readonly name: string, readonly issues: readonly Issue[] }[] }} Parts */
/** @typedef {'services' | 'middlewares'} Type */
/** @typedef {{ readonly type: Type, readonly name: string, readonly note: string, readonly part?: PartRow, readonly definition: any, readonly issues: readonly Issue[], readonly links: readonly Link[] }} Link A service or middleware, with those that it leads to. */

const MAX_DEPTH = 12

/** Follows the references of a configuration from its routes to their services. */
export class Chain {
  #parts

  /** @param {Parts} parts `routes` has their definitions by qualified name */
  constructor(parts) {
    this.#parts = parts
  }

  /**
   * Returns what a request to a route passes, the service last.
   *
   * @param {string} route its qualified name
   * @param {readonly Issue[]} issues of the route, as `issuesOf` returns them
   * @returns {Link[]}
   */
  of(route, issues) {
    const definition = Object.hasOwn(this.#parts.routes, route) ? this.#parts.routes[route] : undefined
    if (definition === undefined) return []
    const [name, provider] = splitName(route)
    const from = { provider, path: `routes.${name}`, issues, depth: 0 }
    return this.#follow(referencesOf(definition, ['middlewares', 'service']), from)
  }

  /** Shows a part alone. @param {Type} type @param {PartRow} part @returns {Link} */
  link(type, part) {
    const { name, provider } = part
    const link = this.#follow([{ type, target: `${name}@${provider}`, place: '', note: '' }], {
      provider,
      path: '',
      issues: [],
      depth: 0,
    })
    return /** @type {Link} */ (link[0])
  }

  /**
   * Lists what is wrong with a part: with what is served of it, and with what its provider has published since.
   *
   * @param {string} provider
   * @param {string} path such as `services.carts`
   * @param {readonly Issue[]} [known] of what is served
   * @returns {readonly Issue[]}
   */
  issuesOf(provider, path, known = []) {
    const published = this.#parts.providers.find(({ name }) => name === provider)?.issues ?? []
    const isNew = (/** @type {Issue} */ issue) =>
      isWithin(issue.path, path) && !known.some((one) => one.path === issue.path && one.message === issue.message)
    return [...known, ...published.filter(isNew)]
  }

  /**
   * @param {readonly Found[]} references
   * @param {{ provider: string, path: string, issues: readonly Issue[], depth: number }} from
   * @returns {Link[]}
   */
  #follow(references, from) {
    if (from.depth > MAX_DEPTH) return []
    return references.map(({ type, target, place, note }) => {
      const path = `${from.path}.${place}`
      const depth = from.depth + 1
      if (typeof target !== 'string') {
        const issues = from.issues.filter((issue) => isWithin(issue.path, path))
        const links = this.#follow(referencesOf(target), { ...from, path, depth })
        return { type, name: '', note, definition: target, issues, links }
      }
      const qualified = target.includes('@') ? target : `${target}@${from.provider}`
      const [name, provider] = splitName(qualified)
      const part = this.#parts[type].find((part) => part.name === name && part.provider === provider)
      const issues = this.issuesOf(provider, `${type}.${name}`, part?.issues)
      const links = this.#follow(referencesOf(part?.definition), { provider, path: `${type}.${name}`, issues, depth })
      return { type, name: qualified, note, ...(part && { part }), definition: part?.definition, issues, links }
    })
  }
}

/** @typedef {{ readonly type: Type, readonly target: any, readonly place: string, readonly note: string }} Found */

/**
 * Lists the references of a definition to services and middlewares.
 *
 * @param {any} definition
 * @param {readonly string[]} [members] those to look at
 * @returns {Found[]}
 */
function referencesOf(definition, members = ['chain', 'weighted', 'mirror', 'failover', 'errorPages']) {
  if (typeof definition !== 'object' || definition === null) return []
  return members.flatMap((member) => (definition[member] === undefined ? [] : readMember(member, definition[member])))
}

/**
 * @param {string} member
 * @param {any} value
 * @returns {Found[]}
 */
function readMember(member, value) {
  /** @type {(type: Type, target: any, place: string, note?: string) => Found} */
  const found = (type, target, place, note = '') => ({ type, target, place, note })
  const list = Array.isArray(value) ? value : []
  if (member === 'service') return [found('services', value, member)]
  if (member === 'middlewares' || member === 'chain')
    return list.map((target, i) => found('middlewares', target, `${member}[${i}]`))
  if (member === 'weighted')
    return list.map(({ service, weight = 1 }, i) =>
      found('services', service, `weighted[${i}].service`, `weight ${weight}`),
    )
  const notes = {
    mirror: { service: '', to: `copy of ${value.percent} %` },
    failover: { service: '', fallback: 'fallback' },
  }
  const places = Object.entries(
    /** @type {Record<string, Record<string, string>>} */ (notes)[member] ?? { service: 'error page' },
  )
  return places.flatMap(([name, note]) =>
    value[name] === undefined ? [] : found('services', value[name], `${member}.${name}`, note),
  )
}

/**
 * Whether an issue is of a part, or of something in it.
 *
 * @param {string} path
 * @param {string} part
 */
export function isWithin(path, part) {
  return path === part || (path.startsWith(part) && /[.[]/.test(path[part.length] ?? ''))
}

/**
 * Splits a qualified name.
 *
 * @param {string} name
 * @returns {[string, string]}
 */
export function splitName(name) {
  const at = name.lastIndexOf('@')
  return [name.slice(0, at), name.slice(at + 1)]
}
