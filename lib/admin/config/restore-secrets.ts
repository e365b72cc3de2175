import { isDeepStrictEqual } from 'node:util'
import type { ConfigurationIssue } from '../../index.ts'
import { isObject } from '../../kit.ts'

/** What stands in the place of a secret, alone or within a text. */
const HIDDEN = '***'

/** A document with its secrets, and as it is shown. */
interface Both {
  readonly secret: unknown
  readonly shown: unknown
}

/**
 * Puts secrets back where a document still has what was shown in their place.
 *
 * What has changed around a secret in a list, so that it isn't sure which one is meant, is left as it is: `findHidden` tells of it.
 */
export function restoreSecrets(sent: unknown, { secret, shown }: Both): unknown {
  if (isDeepStrictEqual(sent, shown)) return secret
  if (Array.isArray(sent)) return restoreItems(sent, { secret, shown })
  if (!isObject(sent) || !isObject(shown) || !isObject(secret)) return sent
  const memberOf = (value: object, name: string): unknown =>
    Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
  return Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [
      name,
      restoreSecrets(value, { secret: memberOf(secret, name), shown: memberOf(shown, name) }),
    ]),
  )
}

/** An item is the one that was shown as it is; of several such, the one in its place. */
function restoreItems(sent: readonly unknown[], { secret, shown }: Both): unknown[] {
  if (!Array.isArray(shown) || !Array.isArray(secret)) return [...sent]
  return sent.map((item, i) => {
    if (isDeepStrictEqual(item, shown[i])) return secret[i] as unknown
    const same = shown.flatMap((other, j) => (isDeepStrictEqual(item, other) ? j : []))
    return same.length === 1 ? (secret[same[0] as number] as unknown) : (item as unknown)
  })
}

/** Finds what stands in the place of a secret. */
export function findHidden(value: unknown, path = ''): ConfigurationIssue[] {
  if (typeof value === 'string')
    return value.includes(HIDDEN)
      ? [{ path, message: `"${HIDDEN}" stands for a secret that is not known here: write the secret` }]
      : []
  if (!isObject(value) && !Array.isArray(value)) return []
  return Object.entries(value).flatMap(([name, member]) => findHidden(member, path === '' ? name : `${path}.${name}`))
}
