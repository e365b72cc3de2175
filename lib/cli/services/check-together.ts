import type { ConfigIssue } from '../../index.ts'
import { isUnixAddress, type ListenAddress, parseAddresses, suggestName } from '../../kit.ts'
import type { PartOrigin, ServicesModel } from './model.ts'
import { issueAt, namesOf, type PartKind, type WrittenPart } from './written-part.ts'

/** Notes names that stand for nothing or stand twice, and addresses that are used twice. */
export function checkTogether(model: ServicesModel, parts: readonly WrittenPart[], issues: ConfigIssue[]): void {
  for (const kind of ['services', 'chains', 'hops', 'observers'] as const) checkNames(kind, parts, issues)
  const apis = parts.filter(({ kind }) => kind === 'api')
  for (const api of apis.slice(1))
    issues.push(issueAt(api.placeOf(''), `stands twice, first in ${print((apis[0] as WrittenPart).placeOf(''))}`))
  const at = new Map(parts.map((part) => [keyOf(part.placeOf('')), part]))
  const find = (kind: PartKind, origin: PartOrigin, path: string, name: string | undefined) => {
    const known = namesOf(kind, parts)
    if (name === undefined || known.includes(name)) return
    const place = at.get(keyOf(origin))?.placeOf(path) ?? origin
    const all = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`
    issues.push(
      issueAt(place, `names "${name}", but none of ${kind} has that name${suggestName(name, known) || `: ${all}`}`),
    )
  }
  for (const { origin, handler, observer } of model.services) {
    find('chains', origin, 'handler.chain', handler.chain)
    find('observers', origin, 'observer', observer)
  }
  for (const { origin, hops } of model.chains)
    for (const [i, hop] of hops.entries()) if (hop.nodes === undefined) find('hops', origin, `hops.${i}`, hop.name)
  checkAddresses(model, at, issues)
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

/** An address with what listens there. */
interface Used {
  readonly address: ListenAddress
  readonly origin: PartOrigin
}

function checkAddresses(
  { services, api }: ServicesModel,
  parts: ReadonlyMap<string, WrittenPart>,
  issues: ConfigIssue[],
): void {
  const used: Used[] = []
  for (const { addr, origin } of [...services, ...(api === undefined ? [] : [api])])
    for (const address of parse(addr)) {
      const other = used.find((one) => clash(one.address, address))
      const place = parts.get(keyOf(origin))?.placeOf('addr') ?? origin
      if (other !== undefined)
        issues.push(issueAt(place, `is used twice: "${addr}" is also that of ${print(other.origin)}`))
      used.push({ address, origin })
    }
}

/** Returns no addresses for a text that can't be read, which is told of already. */
function parse(addr: string): readonly ListenAddress[] {
  try {
    return parseAddresses(addr)
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

function keyOf({ source, path, line }: PartOrigin): string {
  return JSON.stringify([source, path, line])
}

function print({ source, path, line }: PartOrigin): string {
  return `${line === undefined ? source : `${source}:${line}`}${path === '' ? '' : ` ("${path}")`}`
}
