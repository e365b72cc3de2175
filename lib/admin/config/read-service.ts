import type { ConfigurationIssue, EntryPointOptions } from '../../index.ts'
import { isObject } from '../../kit.ts'
import { invalid } from '../problem.ts'

/** An entry point as it is to be opened. */
export interface ServiceAsked {
  readonly name: string
  readonly options: EntryPointOptions
}

/** What an entry point may run is for code alone: who has the token could run any program. */
const forCodeAlone = ['preUp', 'postUp', 'preDown', 'postDown']

/**
 * Reads a service in GOST's shape, or an entry point by its own options beside `name`: `addr` is `address`, the texts in `metadata` are
 * `labels`, but for `enableStats` there, which is the option, `handler` may say `{ "type": "http" }` or `app` for the routes, and `listener` what the
 * address says already.
 *
 * @param name of the path, where there is one
 * @throws Problem 422 with all that is wrong in it itself; what the options say is checked by the server
 */
export function readService(given: Record<string, unknown>, name?: string): ServiceAsked {
  const { addr, metadata, handler, listener, status: _, name: ownName, ...options } = given
  const { enableStats, ...labels } = isObject(metadata) ? (metadata as Record<string, unknown>) : {}
  const issues: ConfigurationIssue[] = []
  const add = (path: string, message: string) => void issues.push({ path, message })
  const asked = ownName ?? name
  if (typeof asked !== 'string' || asked === '') add('name', 'must be a non-empty text')
  else if (name !== undefined && asked !== name) add('name', `must be "${name}", as in the path, or be left out`)
  if (addr !== undefined && 'address' in options) add('addr', 'stands for "address": leave one of the two out')
  if (metadata !== undefined && 'labels' in options) add('metadata', 'stands for "labels": leave one of the two out')
  if (handler !== undefined && !hasType(handler, ['http', 'app']))
    add('handler', 'must be { "type": "http" }, for the routes: other handlers are bound in code')
  if (listener !== undefined && !hasType(listener, ['tcp', 'unix', 'tls']))
    add('listener', 'must be { "type": "tcp" }, "unix" or "tls", as "addr" and "https" say already')
  else if (isObject(listener) && (listener as { type: string }).type === 'tls' && options['https'] === undefined)
    add('https', 'must be an object with key and cert, since listener.type is "tls"')
  if (enableStats !== undefined && 'enableStats' in options)
    add('metadata.enableStats', 'stands for "enableStats": leave one of the two out')
  for (const command of forCodeAlone) {
    if (command in options) add(command, 'can be set in code alone: it would run programs')
    if (command in labels) add(`metadata.${command}`, 'can be set in code alone: it would run programs')
  }
  if (issues.length > 0) throw invalid(issues)
  const aliases = {
    ...(addr !== undefined && { address: addr }),
    ...(metadata !== undefined && { labels: isObject(metadata) ? labels : metadata }),
    ...(enableStats !== undefined && { enableStats: toTruthValue(enableStats) }),
  }
  return { name: asked as string, options: { ...options, ...aliases } as EntryPointOptions }
}

/** Truth values may be texts in GOST's metadata. */
function toTruthValue(value: unknown): unknown {
  return value === 'true' || (value === 'false' ? false : value)
}

function hasType(value: unknown, types: readonly string[]): boolean {
  return isObject(value) && Object.keys(value).join() === 'type' && types.includes((value as { type: string }).type)
}
