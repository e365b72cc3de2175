import { findPlainEnd, hasTextAt, isPlainPath, meansItself } from '../base/path.ts'
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
    this.#root = new Node('', branches)
  }

  /** The value of the first route that matches the path. */
  find(path: string): T | typeof undecided | undefined {
    // Such as the `host:port` of CONNECT.
    if (!path.startsWith('/')) return undecided
    const found = this.#root.findBelow(path, 0, undefined)
    if (found === undefined) return this.#firstMissing === Infinity ? undefined : undecided
    return found === doubt || found.rank > this.#firstMissing ? undecided : found.value
  }
}

/** A text, and what comes behind it. */
class Node<T> {
  readonly #text: string
  /** The lowest rank at or below this node: one that can't hold a better route isn't entered. */
  readonly #bestRank: number
  readonly #leaf: Leaf<T> | undefined
  readonly #rest: Leaf<T> | undefined
  readonly #param: Node<T> | undefined
  /** What goes on with text, by its first character counted from the lowest: faster than a Map. */
  readonly #children: (Node<T> | undefined)[] = []
  readonly #lowest: number = 0

  /** @param branches what is left of each route behind the text, in order of rank */
  constructor(text: string, branches: readonly Branch<T>[]) {
    this.#text = text
    this.#bestRank = branches[0]?.leaf.rank ?? Infinity
    const ended = branches.filter(({ texts }) => texts.length === 1 && texts[0] === '')
    this.#leaf = ended.find(({ hasRest }) => !hasRest)?.leaf
    this.#rest = ended.find(({ hasRest }) => hasRest)?.leaf
    const params = branches.filter(({ texts }) => texts.length > 1 && texts[0] === '')
    if (params.length > 0)
      this.#param = new Node(
        '',
        params.map((branch) => ({ ...branch, texts: branch.texts.slice(1) })),
      )
    const byCode = groupBy(branches, ({ texts }) => texts[0]?.charCodeAt(0) || 0)
    byCode.delete(0)
    if (byCode.size > 0) this.#lowest = Math.min(...byCode.keys())
    for (const [code, group] of byCode) this.#children[code - this.#lowest] = createChild(group)
  }

  find(path: string, at: number, best: Leaf<T> | undefined): Leaf<T> | undefined {
    if (best !== undefined && best.rank < this.#bestRank) return best
    if (hasTextAt(path, this.#text, at)) return this.findBelow(path, at + this.#text.length, best)
    return meansItself(path, at + countEqual(this.#text, path, at)) ? best : doubt
  }

  findBelow(path: string, at: number, best: Leaf<T> | undefined): Leaf<T> | undefined {
    if (at === path.length && this.#leaf !== undefined) {
      if (best === undefined || this.#leaf.rank < best.rank) best = this.#leaf
    } else {
      const index = path.charCodeAt(at) - this.#lowest
      const child = index >= 0 && index < this.#children.length ? this.#children[index] : undefined
      if (child !== undefined) best = child.find(path, at, best)
      else if (this.#param === undefined && !meansItself(path, at)) return doubt
    }
    if (this.#param !== undefined) {
      const end = findPlainEnd(path, at)
      best = end < 0 ? doubt : this.#param.findBelow(path, end, best)
    }
    return this.#rest === undefined ? best : findRest(this.#rest, path, at, best)
  }
}

function createChild<T>(branches: readonly Branch<T>[]): Node<T> {
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
