/** Matches a token of HTTP, such as the name of a header field, a method or a cookie (RFC 9110, section 5.6.2). */
export const token: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Returns whether a value is a string that is a token. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && token.test(value)
}
