/** The methods a pattern may name, besides `ALL` (RFC 9110 section 9, RFC 5789 for PATCH). */
export const httpMethods = [
  'GET',
  'PUT',
  'POST',
  'DELETE',
  'PATCH',
  'HEAD',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'QUERY',
] as const

/** A method of HTTP that a pattern may name. */
export type HttpMethod = (typeof httpMethods)[number]

/** A method as a pattern names it. `ALL` stands for every method, including those not in the list. */
export type Method = HttpMethod | 'ALL'

export function isMethod(name: string): name is Method {
  return name === 'ALL' || (httpMethods as readonly string[]).includes(name)
}

/** The methods that mean the same when they come twice (RFC 9110, section 9.2.2). */
export const idempotentMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']
