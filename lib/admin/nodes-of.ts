import type { ServiceNode } from '../kit.ts'

/** Returns the nodes that something forwards to, as what `forward(…)` and `tcpForward(…)` return does; `undefined` for anything else. */
export function nodesOf(value: unknown): readonly ServiceNode[] | undefined {
  const isCandidate = typeof value === 'function' || (typeof value === 'object' && value !== null)
  const nodes = isCandidate ? (value as { nodes?: unknown }).nodes : undefined
  // A function of the application may have the name, too.
  if (typeof nodes !== 'function') return undefined
  try {
    const list: unknown = (nodes as () => unknown).call(value)
    return Array.isArray(list) && list.every(isNode) ? list.map(withoutCredentials) : undefined
  } catch {
    return undefined
  }
}

function isNode(value: unknown): value is ServiceNode {
  const { addr, state } = (value ?? {}) as Partial<ServiceNode>
  return typeof addr === 'string' && typeof state === 'string'
}

/** Hides what logs in to a node. */
export function withoutCredentials(node: ServiceNode): ServiceNode {
  return { ...node, name: hide(node.name), addr: hide(node.addr) }
}

function hide(address: string): string {
  return address.replace(/(?<=\/\/)[^/@]*@/, '***@')
}
