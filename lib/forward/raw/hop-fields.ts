import { hopFilter } from '../request/hop-by-hop.ts'

/**
 * Returns the fields of a message that are for the other end, without those named `left`. Those that say where its body ends are kept,
 * whatever `Connection` names: it is passed on as it came.
 *
 * @param raw names and values in turn, as `node:http` has them
 * @param connection the field `Connection`
 */
export function endToEndFields(
  raw: readonly string[],
  connection: string | undefined,
  ...left: readonly string[]
): string[] {
  const isHop = hopFilter(connection)
  const kept: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    const isKept = name === 'content-length' || (!isHop(name) && !left.includes(name))
    if (isKept) kept.push(raw[i] as string, raw[i + 1] as string)
  }
  return kept
}

/** Returns what a field `Via` says once a message has passed here (RFC 9110, section 7.6.3). */
export function addVia(passed: string | undefined, httpVersion: string, via: string): string {
  const own = via.replace(/^\S+/, httpVersion)
  return passed === undefined ? own : `${passed}, ${own}`
}
