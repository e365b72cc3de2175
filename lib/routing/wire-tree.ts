import { findPlainEnd, hasTextAt, isPlainPath, meansItself } from '../net/path.ts'
import { groupBy } from './group-by.ts'
import type { Route } from './route.ts'

/** Returned by `WireTree.find` for a path whose route depends on its decoded segments. */
export const undecided: unique symbol = Symbol('undecided')

/** A route in the tree. `rank` is its place among all routes, 0 for the first. */
interface Leaf<T> {
  readonly rank: number
  readonly value: T
}

/** The remainder of a route below a node. */
interface Branch<T> {
  readonly texts: readonly string[]
  readonly hasRest: boolean
  readonly leaf: Leaf<T>
}

// Ranks before every route, so that a search that reaches it ends.
const doubt: Leaf<never> = { rank: -1, value: undefined as never }

/**
 * Finds the route of a path as it comes on the wire, without splitting and decoding it first.
 *
 * It contains the routes that have a wire form, and decides paths whose characters, as far as they matter, stand for
 * themselves. All other paths are left to a `RouteTree`.
 */
export class WireTree<T> {
  readonly #root: Node<T>
  /** The rank of the first route that the tree doesn't contain. */
  readonly #firstMissing: number

  /** @param routes the first has precedence over the second … */
  constructor(routes: readonly { readonly route: Route; readonly value: T }[]) {
    const missing = routes.findIndex(({ route }) => route.wire === undefined)
    this.#firstMissing = missing < 0 ? Infinity : missing
    const branches = routes.flatMap(({ route: { wire }, value }, rank) =>
      wire ? { ...wire, leaf: { rank, value } } : [],
    )
    this.#root = createNode(branches)
  }

  /** Returns the value of the first route that matches the path. */
  find(path: string): T | typeof undecided | undefined {
    // Such as the `host:port` of CONNECT.
    if (!path.startsWith('/')) return undecided
    const found = findBelow(this.#root, path, 0, undefined)
    if (found === undefined) return this.#firstMissing === Infinity ? undefined : undecided
    return found === doubt || found.rank > this.#firstMissing ? undecided : found.value
  }
}

/** A text, and what may follow it. */
class Node<T> {
  readonly text: string
  /** The lowest rank at or below this node. A node without a better route isn't searched. */
  readonly bestRank: number
  readonly leaf: Leaf<T> | undefined
  readonly rest: Leaf<T> | undefined
  readonly param: Node<T> | undefined
  /** The children that begin with text, by the code of its first character minus the lowest one: faster than a Map. */
  readonly #children: (Node<T> | undefined)[] = []
  readonly #lowest: number = 0

  /** @param branches the remainder of each route after the text, in order of rank */
  constructor(text: string, branches: readonly Branch<T>[]) {
    this.text = text
    this.bestRank = branches[0]?.leaf.rank ?? Infinity
    const ended = branches.filter(({ texts }) => texts.length === 1 && texts[0] === '')
    this.leaf = ended.find(({ hasRest }) => !hasRest)?.leaf
    this.rest = ended.find(({ hasRest }) => hasRest)?.leaf
    const params = branches.filter(({ texts }) => texts.length > 1 && texts[0] === '')
    if (params.length > 0)
      this.param = new Node(
        '',
        params.map((branch) => ({ ...branch, texts: branch.texts.slice(1) })),
      )
    const byCode = groupBy(branches, ({ texts }) => texts[0]?.charCodeAt(0) || 0)
    byCode.delete(0)
    if (byCode.size > 0) this.#lowest = Math.min(...byCode.keys())
    for (const [code, group] of byCode) this.#children[code - this.#lowest] = createNode(group)
  }

  /** Returns the child that begins with the character of a path at an index. */
  childAt(path: string, at: number): Node<T> | undefined {
    const index = path.charCodeAt(at) - this.#lowest
    // Reading an array beyond its bounds is slow, most of all at NaN, after the end of the path.
    return index >= 0 && index < this.#children.length ? this.#children[index] : undefined
  }
}

/**
 * Returns the best of `found` and of the routes at or below a node that match the path from `start` on. The first character
 * of the node's text is known to match.
 */
function findBelow<T>(top: Node<T>, path: string, start: number, found: Leaf<T> | undefined): Leaf<T> | undefined {
  let node = top
  let at = start
  let best = found
  // Nearly every node has a single continuation: following it without a call saves a third of the time.
  for (;;) {
    if (best !== undefined && best.rank < node.bestRank) return best
    const { text, param } = node
    if (text.length > 1 && !hasTextAt(path, text, at)) {
      return meansItself(path, at + countEqual(text, path, at)) ? best : doubt
    }
    at += text.length
    const child = node.childAt(path, at)
    if (at === path.length && node.leaf !== undefined) {
      if (best === undefined || node.leaf.rank < best.rank) best = node.leaf
    } else if (child === undefined && param === undefined && !meansItself(path, at)) return doubt

    if (node.rest !== undefined || (child !== undefined && param !== undefined))
      return tryAll(node, child, path, at, best)
    if (child !== undefined) node = child
    else if (param === undefined) return best
    else {
      node = param
      at = findPlainEnd(path, at)
      if (at < 0) return doubt
    }
  }
}

/** Tries every continuation after the text of a node, which ends at `at`: a child with text, a parameter, and a `*`. */
function tryAll<T>(
  { param, rest }: Node<T>,
  child: Node<T> | undefined,
  path: string,
  at: number,
  found: Leaf<T> | undefined,
): Leaf<T> | undefined {
  let best = child === undefined ? found : findBelow(child, path, at, found)
  if (param !== undefined) {
    const end = findPlainEnd(path, at)
    best = end < 0 ? doubt : findBelow(param, path, end, best)
  }
  return rest === undefined ? best : findRest(rest, path, at, best)
}

/** Returns the node of the text that some routes, in order of rank, have in common. */
function createNode<T>(branches: readonly Branch<T>[]): Node<T> {
  const [first = '', ...others] = branches.map(({ texts }) => texts[0] as string)
  const length = others.reduce((shared, text) => Math.min(shared, countEqual(text, first, 0)), first.length)
  const below = branches.map((branch) => ({
    ...branch,
    texts: branch.texts.with(0, branch.texts[0]?.slice(length) ?? ''),
  }))
  return new Node(first.slice(0, length), below)
}

function findRest<T>(rest: Leaf<T>, path: string, at: number, best: Leaf<T> | undefined): Leaf<T> | undefined {
  if (best !== undefined && best.rank < rest.rank) return best
  if (at < path.length && path[at] !== '/') return best
  return at === path.length || isPlainPath(path.slice(at)) ? rest : doubt
}

/** Returns how many characters of a text match a path from an index on. */
function countEqual(text: string, path: string, from: number): number {
  let i = 0
  // Stops at the end of either, too: NaN equals nothing.
  while (text.charCodeAt(i) === path.charCodeAt(from + i)) i++
  return i
}
