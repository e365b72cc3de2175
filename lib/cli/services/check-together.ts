import type { ConfigIssue } from '../../index.ts'
import { isObject, isUnixAddress, type ListenAddress, parseAddresses, suggestName } from '../../kit.ts'
import type { PartOrigin } from './model.ts'
import { issueAt, namesOf, type PartKind, type WrittenPart } from './written-part.ts'

/** Notes names that stand for nothing or stand twice, and addresses that are used twice, also of parts that are wrong in other ways. */
export function checkTogether(parts: readonly WrittenPart[], issues: ConfigIssue[]): void {
  for (const kind of ['services', 'chains', 'hops', 'observers'] as const) checkNames(kind, parts, issues)
  const apis = parts.filter(({ kind }) => kind === 'api')
  for (const api of apis.slice(1))
    issues.push(issueAt(api.placeOf(''), `stands twice, first in ${print((apis[0] as WrittenPart).placeOf(''))}`))
  for (const part of parts) {
    for (const { path, kind, name } of referencesOf(part)) {
      const known = namesOf(kind, parts)
      if (known.includes(name)) continue
      const all = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`
      const advice = suggestName(name, known) || `: ${all}`
      issues.push(issueAt(part.placeOf(path), `names "${name}", but none of the ${kind} has that name${advice}`))
    }
  }
  checkAddresses(parts, issues)
}

/** A name that a part has for another. */
interface Reference {
  readonly path: string
  readonly kind: PartKind
  readonly name: string
}

function referencesOf({ kind, given }: WrittenPart): Reference[] {
  const list = (path: string, kind: PartKind, name: unknown): Reference[] =>
    typeof name === 'string' && name !== '' ? [{ path, kind, name }] : []
  if (kind === 'services')
    return [
      ...list('handler.chain', 'chains', memberOf(memberOf(given, 'handler'), 'chain')),
      ...list('observer', 'observers', memberOf(given, 'observer')),
    ]
  const hops = kind === 'chains' ? memberOf(given, 'hops') : undefined
  if (!Array.isArray(hops)) return []
  return hops.flatMap((hop: unknown, i) => {
    const isName = isObject(hop) && Object.keys(hop).join() === 'name'
    return list(`hops.${i}`, 'hops', isName ? memberOf(hop, 'name') : hop)
  })
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

function checkNames(kind: PartKind, parts: readonly WrittenPart[], issues: ConfigIssue[]): void {
  const first = new Map<string, WrittenPart>()
  for (const part of parts.filter((one) => one.kind === kind)) {
    const [name] = namesOf(kind, [part])
    if (name === undefined) continue
    const before = first.get(name)
    if (before === undefined) first.set(name, part)
    else
      issues.push(issueAt(part.placeOf('name'), `stands twice: "${name}" is also in ${print(before.placeOf('name'))}`))
  }
}

function checkAddresses(parts: readonly WrittenPart[], issues: ConfigIssue[]): void {
  const used: { readonly address: ListenAddress; readonly part: WrittenPart }[] = []
  for (const part of parts.filter(({ kind }) => kind === 'services' || kind === 'api')) {
    const addr = memberOf(part.given, 'addr')
    for (const address of parse(addr)) {
      const other = used.find((one) => clash(one.address, address))
      if (other !== undefined)
        issues.push(
          issueAt(
            part.placeOf('addr'),
            `is used twice: "${String(addr)}" is also in ${print(other.part.placeOf('addr'))}`,
          ),
        )
      used.push({ address, part })
    }
  }
}

/** Returns no addresses for what can't be read, which is told of already. */
function parse(addr: unknown): readonly ListenAddress[] {
  try {
    return typeof addr === 'string' ? parseAddresses(addr) : []
  } catch {
    return []
  }
}

/** Whether not both can be listened at: every interface includes each. Port 0 is always another. */
function clash(a: ListenAddress, b: ListenAddress): boolean {
  if (isUnixAddress(a) || isUnixAddress(b)) return isUnixAddress(a) && isUnixAddress(b) && a.path === b.path
  if (a.port !== b.port || a.port === 0) return false
  const hosts = [a.host, b.host].map((host) => host?.toLowerCase().replace(/^localhost\.?$/, '127.0.0.1'))
  return hosts[0] === hosts[1] || hosts.some((host) => host === undefined || host === '::')
}

function print({ source, path, line }: PartOrigin): string {
  return `${line === undefined ? source : `${source}:${line}`}${path === '' ? '' : ` ("${path}")`}`
}
