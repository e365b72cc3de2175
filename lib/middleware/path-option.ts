import { parsePath } from '../net/path.ts'
import type { Check, JsonSchema, Option } from '../options/option.ts'

/**
 * Declares an option that is a path as it goes over the wire.
 *
 * @param least how many segments it must have
 */
export function wirePath<Read>(least: number, convert: (path: string) => Read): Option<string, 'always', Read> {
  return { ...anyWirePath(least), required: true, convert: (value) => convert(value as string) }
}

/** As `wirePath`, for an option that may be missing. */
export function anyWirePath(least = 0): { isValid: Check; words: string; json: () => JsonSchema } {
  const isValid = (value: unknown) =>
    typeof value === 'string' && wire.test(value) && (parsePath(value)?.length ?? -1) >= least
  const words = 'a path that begins with "/", of visible ASCII characters and without "?", "#" and ".."'
  return {
    isValid,
    words: least > 0 ? `${words}, other than "/"` : words,
    json: () => ({ type: 'string', pattern: wire.source }),
  }
}

const wire = /^\/(?:[!-"$->@-~]*)$/
