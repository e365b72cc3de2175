import { EventEmitter } from 'node:events'
import type { Target } from './junk.ts'

const platform = new Set<object | null>([null, Object.prototype, Array.prototype])

/** All names that an object answers to, its own and those of its prototypes but JavaScript's own; symbols too. */
export function reachableNames(object: object): PropertyKey[] {
  const names = new Set<PropertyKey>()
  for (let at: object = object; !platform.has(at); at = Object.getPrototypeOf(at) as object)
    for (const name of Reflect.ownKeys(at)) names.add(name)
  return [...names]
}

/** Every object reached from these by properties, and its names. Objects of Node.js are not looked into. */
export function findTargets(roots: Readonly<Record<string, object>>, maxDepth = 4): Target[] {
  const targets: Target[] = []
  const seen = new Set<object>()
  const queue = Object.entries(roots)
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [path, object] = next
    if (seen.has(object)) continue
    seen.add(object)
    const names = namesIn(path, object)
    const values = names.map((name) => [name, read(object, name)] as const)
    targets.push({
      object: path,
      names: values.map(([name, value]) => ({ name: String(name), isMethod: typeof value === 'function' })),
    })
    if (isOfPlatform(object) || path.split('.').length >= maxDepth) continue
    for (const [name, value] of values)
      if (isObject(value) && !isNodes(value)) queue.push([`${path}.${String(name)}`, value])
  }
  return targets
}

/** What requests see of a server: its other members change it, and may. */
const namesOfServer = ['name', 'state', 'logger', 'port', 'addresses', 'isReady', 'routes', 'service', 'lookupService']

function namesIn(path: string, object: object): PropertyKey[] {
  if (path.endsWith('.server')) return namesOfServer
  const names = reachableNames(object)
  return isOfPlatform(object) ? names.filter((name) => typeof name === 'string') : names
}

function isOfPlatform(object: object): boolean {
  return object instanceof AbortSignal
}

function isNodes(object: object): boolean {
  const isOfWeb = object instanceof globalThis.Request
  return isOfWeb || object instanceof EventEmitter || object instanceof Promise || ArrayBuffer.isView(object)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function read(object: object, name: PropertyKey): unknown {
  try {
    return Reflect.get(object, name)
  } catch {
    return undefined
  }
}
