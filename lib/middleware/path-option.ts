import { parsePath } from '../net/path.ts'
import type { Option } from '../options/option.ts'

/**
 * Declares an option that is a path as it goes over the wire.
 *
 * @param least how many segments it must have
 */
export function wirePath<Read>(least: number, convert: (path: string) => Read): Option<string, 'always', Read> {
  const isValid = (value: unknown) =>
    typeof value === 'string' && wire.test(value) && (parsePath(value)?.length ?? -1) >= least
  const words = 'a path that begins with "/", of visible ASCII characters and without "?", "#" and ".."'
  return {
    isValid,
    words: least > 0 ? `${words}, other than "/"` : words,
    required: true,
    convert: (value) => convert(value as string),
    json: () => ({ type: 'string', pattern: wire.source }),
  }
}

const wire = /^\/(?:[!-"$->@-~]*)$/
