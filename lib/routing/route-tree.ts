import { matchesRoute } from './match-route.ts'
import type { Route } from './route.ts'
import { matchMixed, type MixedSegment, type Segment } from './segment.ts'
import { better, type Ranked } from './wire-tree.ts'

/** A route in the tree. */
interface Leaf<T> extends Ranked {
  readonly route: Route
  readonly value: T
}

/**
 * Finds the first of several ordered routes that matches a path, without trying them one after another.
 *
 * A node stands for the segments that lead to it, up to the first `*`. Its children differ in the next segment.
 */
export class RouteTree<T extends Ranked> {
  readonly #root: Node<T> = new Node()

  /** Adds a route, behind all of a lower rank. */
  add(route: Route, value: T): void {
    this.#root.add({ route, rank: value.rank, value })
  }

  /** Returns the value of the first of its routes that matches the decoded segments of a path. */
  find(path: readonly string[]): T | undefined {
    return this.#root.find(path, 0, undefined)?.value
  }
}

interface MixedChild<T> {
  readonly segment: MixedSegment
  readonly shape: string
  readonly node: Node<T>
}

class Node<T> {
  /** The lowest rank at or below this node. A branch without a better route isn't searched. */
  #bestRank = Infinity
  /** The route that ends here. */
  #leaf: Leaf<T> | undefined
  /** The routes whose next segment is a `*`, in order of rank. */
  #rests: Leaf<T>[] | undefined
  /** Lists and maps are created with their first entry: most nodes need none, and an empty Map takes 200 bytes. */
  #texts: Map<string, Node<T>> | undefined
  #mixed: MixedChild<T>[] | undefined
  #param: Node<T> | undefined

  add(leaf: Leaf<T>, depth = 0): void {
    this.#bestRank = Math.min(this.#bestRank, leaf.rank)
    const segment = leaf.route.segments[depth]
    if (segment === undefined) this.#leaf ??= leaf
    else if (segment.kind === 'rest') (this.#rests ??= []).push(leaf)
    else this.#child(segment).add(leaf, depth + 1)
  }

  find(path: readonly string[], depth: number, best: Leaf<T> | undefined): Leaf<T> | undefined {
    if (best !== undefined && best.rank < this.#bestRank) return best
    const segment = path[depth]
    if (segment === undefined) best = better(this.#leaf, best)
    else {
      const text = this.#texts?.get(segment)
      if (text !== undefined) best = text.find(path, depth + 1, best)
      for (const mixed of this.#mixed ?? []) {
        if (matchMixed(mixed.segment, segment) !== undefined) best = mixed.node.find(path, depth + 1, best)
      }
      if (this.#param !== undefined) best = this.#param.find(path, depth + 1, best)
    }
    for (const rest of this.#rests ?? []) {
      if (best !== undefined && best.rank < rest.rank) break
      if (rest.route.length === depth + 1 || matchesRoute(rest.route, path)) best = rest
    }
    return best
  }

  #child(segment: Exclude<Segment, { kind: 'rest' }>): Node<T> {
    switch (segment.kind) {
      case 'text': {
        this.#texts ??= new Map()
        const node = this.#texts.get(segment.text) ?? new Node<T>()
        this.#texts.set(segment.text, node)
        return node
      }
      case 'param':
        return (this.#param ??= new Node())
      case 'mixed': {
        const shape = segment.texts.join('{}')
        this.#mixed ??= []
        const known = this.#mixed.find((mixed) => mixed.shape === shape)
        if (known !== undefined) return known.node
        const node = new Node<T>()
        this.#mixed.push({ segment, shape, node })
        return node
      }
    }
  }
}
