import { HttpError } from '../../base/http-error.ts'

/**
 * A script that calls a function of the page with a value.
 *
 * @throws HttpError 400 for a callback that isn't a name, or names joined by dots
 */
export function formatJsonp(callback: string, value: unknown): string {
  if (!/^[\w$]+(?:\.[\w$]+)*$/.test(callback)) throw new HttpError(400, 'The callback is not a name')
  // The two line ends that JSON allows in strings and older JavaScript doesn't.
  const json = (JSON.stringify(value) ?? 'null').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  return `${callback}(${json})`
}
