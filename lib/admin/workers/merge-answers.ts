import { isObject } from '../../kit.ts'

/** Figures that are sums over the workers. Of all others, the highest is shown. */
const sums: ReadonlySet<string> = new Set([
  'totalConns',
  'currentConns',
  'totalErrs',
  'inputBytes',
  'outputBytes',
  'totalRequests',
  'currentRequests',
  'activeRequests',
  'pending',
  'dropped',
])

/** Figures of which the lowest is shown: since when all are there, and how many are well in each. */
const least: ReadonlySet<string> = new Set(['createTime', 'startedAt', 'ready', 'ok', 'enabled', 'lastAccepted'])

/** What the worker in which the providers run knows alone. */
const ofLeader: ReadonlySet<string> = new Set(['providers'])

/** The states of entry points, nodes, parts, providers and servers, the worst first. */
const states: readonly string[] = [
  'failed',
  'down',
  'disabled',
  'stopped',
  'closed',
  'stale',
  'warning',
  'starting',
  'running',
  'preparing',
]

/** By what rows of lists are told apart, the first that they have. */
const identities: readonly (readonly string[])[] = [
  ['pid'],
  ['key'],
  ['time', 'msg'],
  ['pattern', 'type', 'entryPoint', 'layer', 'name', 'hook', 'origin'],
  ['name', 'provider', 'entryPoint', 'layer', 'addr'],
  ['version'],
  ['path', 'message'],
]

/** How many events of a status are shown, as of one worker. */
const MAX_EVENTS = 20

/**
 * Returns one answer of those of all workers, that of the leader first: figures are sums or the worst, states the worst, lists are joined by
 * what tells their rows apart, and of all else the first is shown.
 *
 * @param name of the member that they are the values of
 */
export function mergeAnswers(given: readonly unknown[], name = ''): unknown {
  const values = given.filter((value) => value !== undefined)
  const [first] = values
  if (values.length < 2 || ofLeader.has(name)) return first
  if (values.every((value) => typeof value === 'number')) return mergeNumbers(values, name)
  if (typeof first === 'string') return name === 'state' || name === 'status' ? worst(values as string[]) : first
  if (typeof first === 'boolean') return name === 'pinned' ? values.includes(true) : first
  if (values.every(Array.isArray)) return mergeLists(values as unknown[][], name)
  return values.every(isObject) ? mergeObjects(values) : first
}

function mergeNumbers(values: readonly number[], name: string): number {
  if (sums.has(name)) return values.reduce((sum, value) => sum + value, 0)
  return least.has(name) ? Math.min(...values) : Math.max(...values)
}

function worst(values: readonly string[]): string | undefined {
  return states.find((state) => values.includes(state)) ?? values[0]
}

function mergeObjects(values: readonly object[]): object {
  const names = new Set(values.flatMap((value) => Object.keys(value)))
  return Object.fromEntries(
    Array.from(names, (name) => [
      name,
      mergeAnswers(
        values.map((value) => (value as Record<string, unknown>)[name]),
        name,
      ),
    ]),
  )
}

function mergeLists(lists: readonly (readonly unknown[])[], name: string): unknown[] {
  const rows = new Map<string, unknown[]>()
  for (const list of lists) {
    const seen = new Map<string, number>()
    for (const row of list) {
      const identity = identify(row)
      const count = (seen.get(identity) ?? 0) + 1
      seen.set(identity, count)
      const key = `${identity} ${count}`
      rows.set(key, [...(rows.get(key) ?? []), row])
    }
  }
  const merged = Array.from(rows.values(), (same) => mergeAnswers(same))
  if (name !== 'events') return merged
  const timeOf = (event: unknown) => (event as { readonly time: number }).time
  return merged.toSorted((a, b) => timeOf(a) - timeOf(b)).slice(-MAX_EVENTS)
}

function identify(row: unknown): string {
  if (!isObject(row)) return JSON.stringify(row) ?? ''
  const known = row as Readonly<Record<string, unknown>>
  const names = identities.find(([first = '']) => known[first] !== undefined) ?? Object.keys(known)
  return JSON.stringify(names.map((name) => known[name]))
}
