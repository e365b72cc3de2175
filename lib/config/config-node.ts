/** Where something was written. */
export interface Place {
  /** The name of the file, or `values` or `changes` for what code set. */
  readonly source: string
  /** From 1; `undefined` where it isn't known. */
  readonly line?: number | undefined
}

/** A value with its place, before it is checked. */
export type ConfigNode = ObjectNode | ArrayNode | ScalarNode

export interface ObjectNode extends Place {
  readonly kind: 'object'
  readonly children: ReadonlyMap<string, ConfigNode>
}

export interface ArrayNode extends Place {
  readonly kind: 'array'
  readonly children: readonly ConfigNode[]
}

export interface ScalarNode extends Place {
  readonly kind: 'scalar'
  readonly value: unknown
  /** The values of environment variables that are part of it, by name. */
  readonly variables?: ReadonlyMap<string, string>
  /** Whether it is one `${…}` and nothing besides, and may become a number or a truth value. */
  readonly isWhole?: boolean
}

/** The names down to a value; items of arrays are counted from 0. */
export type Path = readonly string[]

/** What is wrong where: in a file, and at a path in it where there is one. */
export type ReportProblem = (problem: { readonly line?: number | undefined; readonly message: string }) => void

/** How deep objects and arrays may be nested. */
export const MAX_DEPTH = 100

/** What is wrong with a value that is nested deeper. */
export const TOO_DEEP: string = `more than ${MAX_DEPTH} objects and arrays are nested`

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

/** Returns what is wrong with a key of an object that has others already; `undefined` if it may be added. */
export function findKeyProblem(key: string, others: ReadonlyMap<string, Partial<Place>>): string | undefined {
  if (forbiddenKeys.has(key)) return `the key "${key}" is not allowed`
  const first = others.get(key)
  if (first === undefined) return undefined
  return `the key "${key}" is there twice${first.line === undefined ? '' : `, first on line ${first.line}`}`
}

/** Returns a layer over another one: objects are merged, and everything else is replaced. */
export function mergeNodes(lower: ConfigNode, upper: ConfigNode): ConfigNode {
  if (lower.kind !== 'object' || upper.kind !== 'object') return upper
  const children = new Map(lower.children)
  for (const [key, child] of upper.children) {
    const below = children.get(key)
    children.set(key, below === undefined ? child : mergeNodes(below, child))
  }
  return { ...lower, children }
}

/** Returns the plain value of a node. @param replaced other values for some of its scalars */
export function toPlain(node: ConfigNode, replaced?: ReadonlyMap<ConfigNode, unknown>): unknown {
  if (node.kind === 'array') return node.children.map((child) => toPlain(child, replaced))
  if (node.kind === 'scalar') return replaced?.has(node) ? replaced.get(node) : node.value
  return Object.fromEntries([...node.children].map(([key, child]) => [key, toPlain(child, replaced)]))
}

/** Returns the node at a path, or the last one on the way to it, and how many names led there. */
export function findNode(root: ConfigNode, path: Path): { readonly node: ConfigNode; readonly depth: number } {
  let node = root
  for (const [depth, name] of path.entries()) {
    const child = childOf(node, name)
    if (child === undefined) return { node, depth }
    node = child
  }
  return { node, depth: path.length }
}

function childOf(node: ConfigNode, name: string): ConfigNode | undefined {
  if (node.kind === 'object') return node.children.get(name)
  return node.kind === 'array' ? node.children[Number(name)] : undefined
}

/** Lists the scalars at and below a node. */
export function scalarsOf(node: ConfigNode): ScalarNode[] {
  return node.kind === 'scalar' ? [node] : [...node.children.values()].flatMap(scalarsOf)
}
