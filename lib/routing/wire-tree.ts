import { findPlainEnd, hasTextAt, isPlainPath, meansItself } from '../net/path.ts'
import type { WireForm } from './wire-form.ts'

/** Returned by `WireTree.find` for a path whose route depends on its decoded segments. */
export const undecided: unique symbol = Symbol('undecided')

/** What is found for a route. */
export interface Ranked {
  /** Its place among all routes that may match a path, 0 for the first. */
  readonly rank: number
}

// Ranks before every route, so that a search that reaches it ends.
const doubt = { rank: -1 } as never

// An array of its own for each of the many nodes without children would take a quarter of their memory.
const noChildren: readonly undefined[] = []

/**
 * Finds the route of a path as it comes on the wire, without splitting and decoding it first.
 *
 * It contains the routes that have a wire form, and decides paths whose characters, as far as they matter, stand for
 * themselves. For all others, there are `findDecoded` and, for the routes without a wire form, a `RouteTree`.
 */
export class WireTree<T extends Ranked> {
  readonly #root = new Node<T>('', 0)
  /** Where a search begins: with the text that all routes have in common, if there is one. */
  #start = this.#root
  /** The rank of the first route that the tree doesn't contain. */
  #firstMissing = Infinity

  /** Adds a route, behind all of a lower rank. */
  add(wire: WireForm, value: T): void {
    addBelow(this.#root, wire, value)
    this.#start = this.#root.onlyChild ?? this.#root
  }

  /** Takes into account a route without a wire form, of a higher rank than those before. */
  addMissing({ rank }: T): void {
    this.#firstMissing = Math.min(this.#firstMissing, rank)
  }

  /** Returns the first route that matches the path. */
  find(path: string): T | typeof undecided | undefined {
    // Such as the `host:port` of CONNECT.
    if (!path.startsWith('/')) return undecided
    const found = findBelow(this.#start, path, 0, undefined)
    if (found === undefined) return this.#firstMissing === Infinity ? undefined : undecided
    return found === doubt || found.rank > this.#firstMissing ? undecided : found
  }

  /** Returns the first of its routes that matches the decoded segments of a path. */
  findDecoded(segments: readonly string[]): T | undefined {
    // No text of a wire form has a backslash, so that a slash within a segment matches parameters only.
    const path = segments.map((segment) => `/${segment.replaceAll('/', '\\')}`).join('')
    return findDecodedBelow(this.#start, path, 0, undefined)
  }
}

/** A text, and what may follow it. */
class Node<T extends Ranked> {
  text: string
  /** The lowest rank at or below this node. A node without a better route isn't searched. */
  bestRank: number
  leaf: T | undefined = undefined
  rest: T | undefined = undefined
  param: Node<T> | undefined = undefined
  /** The children that begin with text, by the code of its first character minus the lowest one: faster than a Map. */
  #children: readonly (Node<T> | undefined)[] = noChildren
  #lowest: number = 0

  constructor(text: string, bestRank: number) {
    this.text = text
    this.bestRank = bestRank
  }

  /** The single continuation of a node at which no route ends. */
  get onlyChild(): Node<T> | undefined {
    const isPassed = this.leaf === undefined && this.rest === undefined && this.param === undefined
    return isPassed && this.#children.length === 1 ? this.#children[0] : undefined
  }

  /** Leaves the beginning of its text to this node and the remainder, with all that follows, to a child. */
  splitAt(length: number): void {
    const child = new Node<T>(this.text.slice(length), this.bestRank)
    child.leaf = this.leaf
    child.rest = this.rest
    child.param = this.param
    child.#children = this.#children
    child.#lowest = this.#lowest
    this.text = this.text.slice(0, length)
    this.leaf = this.rest = this.param = undefined
    this.#children = noChildren
    this.addChild(child)
  }

  addChild(child: Node<T>): void {
    const code = child.text.charCodeAt(0)
    const { length } = this.#children
    const lowest = length === 0 ? code : Math.min(this.#lowest, code)
    const highest = length === 0 ? code : Math.max(this.#lowest + length - 1, code)
    // Of that length from the start: an array that grows keeps room for sixteen more.
    const children = Array.from({ length: highest - lowest + 1 }, (_, i) => this.#children[lowest + i - this.#lowest])
    children[code - lowest] = child
    this.#children = children
    this.#lowest = lowest
  }

  /** Returns the child that begins with the character of a path at an index. */
  childAt(path: string, at: number): Node<T> | undefined {
    const index = path.charCodeAt(at) - this.#lowest
    // Reading an array beyond its bounds is slow, most of all at NaN, after the end of the path.
    return index >= 0 && index < this.#children.length ? this.#children[index] : undefined
  }
}

/** Adds what remains of a route after the text of a node. */
function addBelow<T extends Ranked>(top: Node<T>, { texts, hasRest }: WireForm, leaf: T): void {
  let node = top
  for (const [i, text] of texts.entries()) {
    if (i > 0) node = node.param ??= new Node('', leaf.rank)
    node = openTo(node, text, leaf.rank)
  }
  if (hasRest) node.rest ??= leaf
  else node.leaf ??= leaf
}

/** Returns the node at the end of a text that follows that of a node. */
function openTo<T extends Ranked>(top: Node<T>, text: string, rank: number): Node<T> {
  let node = top
  for (let at = 0; ;) {
    node.bestRank = Math.min(node.bestRank, rank)
    if (at === text.length) return node
    let child = node.childAt(text, at)
    if (child === undefined) {
      child = new Node(text.slice(at), rank)
      node.addChild(child)
    }
    const shared = countEqual(child.text, text, at)
    if (shared < child.text.length) child.splitAt(shared)
    at += shared
    node = child
  }
}

/**
 * Returns the best of `found` and of the routes at or below a node that match the path from `start` on. The first character
 * of the node's text is known to match.
 */
function findBelow<T extends Ranked>(top: Node<T>, path: string, start: number, found: T | undefined): T | undefined {
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
function tryAll<T extends Ranked>(
  { param, rest }: Node<T>,
  child: Node<T> | undefined,
  path: string,
  at: number,
  found: T | undefined,
): T | undefined {
  let best = child === undefined ? found : findBelow(child, path, at, found)
  if (param !== undefined) {
    const end = findPlainEnd(path, at)
    best = end < 0 ? doubt : findBelow(param, path, end, best)
  }
  return rest === undefined ? best : findRest(rest, path, at, best)
}

function findRest<T extends Ranked>(rest: T, path: string, at: number, best: T | undefined): T | undefined {
  if (best !== undefined && best.rank < rest.rank) return best
  if (at < path.length && path[at] !== '/') return best
  return at === path.length || isPlainPath(path.slice(at)) ? rest : doubt
}

/** As `findBelow`, for a path in which every character stands for itself. */
function findDecodedBelow<T extends Ranked>(
  node: Node<T>,
  path: string,
  start: number,
  found: T | undefined,
): T | undefined {
  if ((found !== undefined && found.rank < node.bestRank) || !path.startsWith(node.text, start)) return found
  const at = start + node.text.length
  const { leaf, rest, param } = node
  let best = at === path.length ? better(leaf, found) : found
  const child = node.childAt(path, at)
  if (child !== undefined) best = findDecodedBelow(child, path, at, best)
  if (param !== undefined && at < path.length) {
    const slash = path.indexOf('/', at)
    best = findDecodedBelow(param, path, slash < 0 ? path.length : slash, best)
  }
  return at === path.length || path[at] === '/' ? better(rest, best) : best
}

/** Returns the one of the lower rank. */
export function better<T extends Ranked>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.rank < b.rank ? a : b
}

/** Returns how many characters of a text match a path from an index on. */
function countEqual(text: string, path: string, from: number): number {
  let i = 0
  // Stops at the end of either, too: NaN equals nothing.
  while (text.charCodeAt(i) === path.charCodeAt(from + i)) i++
  return i
}
