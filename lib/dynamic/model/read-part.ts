import { isObject, printValue, suggestName } from '../../kit.ts'
import { issueOf } from './issue-of.ts'
import type { Kind } from './kind.ts'
import { middlewareKinds } from './middleware-table.ts'
import type { Part } from './part.ts'
import { routeKind } from './route-table.ts'
import { serviceKinds } from './service-table.ts'

const singular = { routes: 'route', services: 'service', middlewares: 'middleware' } as const

/** Reads a part by the table of its kind, and notes all that is wrong with it. */
export function readPart(part: Part, provided: ReadonlyMap<string, Kind>): void {
  const { path, type } = part.place
  const { given, errors } = part
  if (!isObject(given)) {
    errors.push({ path, message: `must be an object that is a ${singular[type]}, got ${describe(given)}` })
    return
  }
  part.kind = type === 'routes' ? routeKind : chooseKind(part, given, provided)
  if (part.kind === undefined) return
  part.read = part.kind.table.parse(given as never, '', (error) => errors.push(issueOf(error, path)))
}

/** Without the content of a text, which may be a secret in the wrong place. */
function describe(value: unknown): string {
  return typeof value === 'string' ? 'a text' : printValue(value)
}

function chooseKind(part: Part, given: object, provided: ReadonlyMap<string, Kind>): Kind | undefined {
  const { type, path } = part.place
  const kinds = type === 'services' ? serviceKinds : new Map([...provided, ...middlewareKinds])
  const names = Object.keys(given)
  const known = names.flatMap((name) => kinds.get(name) ?? [])
  if (known.length === 1) return known[0]
  const all = [...kinds.keys()].join(', ')
  if (known.length > 1) {
    const found = known.map(({ name }) => `"${name}"`).join(' and ')
    part.errors.push({ path, message: `must have exactly one of ${all}, has ${found}` })
    return undefined
  }
  if (names.length === 0) part.errors.push({ path, message: `must have exactly one of ${all}, has none` })
  for (const name of names) {
    const advice = suggestName(name, kinds.keys()) || '.'
    part.errors.push({ path: `${path}.${name}`, message: `is no kind of ${singular[type]}${advice} Known are ${all}` })
  }
  return undefined
}
