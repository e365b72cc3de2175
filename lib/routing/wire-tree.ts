import { findPlainEnd, hasTextAt, isPlainPath, meansItself } from '../net/path.ts'
import { groupBy } from './group-by.ts'
import type { Route } from './route.ts'

/** What `WireTree.find` gives for a path that only its decoded segments can tell the route of. */
export const undecided: unique symbol = Symbol('undecided')

/** A route in the tree; `rank` is its place among all routes, 0 for the first. */
interface Leaf<T> {
  readonly rank: number
  readonly value: T
}

/** What is left of a route below a node. */
interface Branch<T> {
  readonly texts: readonly string[]
  readonly hasRest: boolean
  readonly leaf: Leaf<T>
}

// It goes before any route: a search that comes to it ends there.
const doubt: Leaf<never> = { rank: -1, value: undefined as never }

/**
 * Finds the route of a path as it comes on the wire, without splitting and decoding it first.
 *
 * It holds the routes that have a wire form, and is sure of paths whose characters, as far as they decide, stand for
 * themselves. What it isn't sure of is for a `RouteTree`.
 */
export class WireTree<T> {
  readonly #root: Node<T>
  /** The rank of the first route that it doesn't hold. */
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

  /** The value of the first route that matches the path. */
  find(path: string): T | typeof undecided | undefined {
    // Such as the `host:port` of CONNECT.
    if (!path.startsWith('/')) return undecided
    const found = findBelow(this.#root, path, 0, undefined)
    if (found === undefined) return this.#firstMissing === Infinity ? undefined : undecided
    return found === doubt || found.rank > this.#firstMissing ? undecided : found.value
  }
}

/** A text, and what comes behind it. */
class Node<T> {
  readonly text: string
  /** The lowest rank at or below this node: one that can't hold a better route isn't entered. */
  readonly bestRank: number
  readonly leaf: Leaf<T> | undefined
  readonly rest: Leaf<T> | undefined
  readonly param: Node<T> | undefined
  /** What goes on with text, by its first character counted from the lowest: faster than a Map. */
  readonly #children: (Node<T> | undefined)[] = []
  readonly #lowest: number = 0

  /** @param branches what is left of each route behind the text, in order of rank */
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

  /** What goes on with the character of a path at some place. */
  childAt(path: string, at: number): Node<T> | undefined {
    const index = path.charCodeAt(at) - this.#lowest
    // An array that is asked for what it hasn't is slow, most of all for NaN, behind the end of the path.
    return index >= 0 && index < this.#children.length ? this.#children[index] : undefined
  }
}

/**
 * The best of `found` and of the routes at or below a node that match the path from `start` on. The first character of the
 * node's text is known to stand there.
 */
function findBelow<T>(top: Node<T>, path: string, start: number, found: Leaf<T> | undefined): Leaf<T> | undefined {
  let node = top
  let at = start
  let best = found
  // Nearly everywhere there is one way to go on: that is gone without a call, which saves a third of the time.
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

/** Every way to go on behind the text of a node, which ends at `at`: with text, in a child, or by parameter or `*`. */
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

/** The node of what some routes, in order of rank, have in common. */
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

/** How many characters of a text stand in a path from some place on. */
function countEqual(text: string, path: string, from: number): number {
  let i = 0
  // Ends with either of them too: NaN equals nothing.
  while (text.charCodeAt(i) === path.charCodeAt(from + i)) i++
  return i
}
