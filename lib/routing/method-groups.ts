import { httpMethods, type Method } from '../net/methods.ts'

// RFC 9110, section 9.3.2: HEAD is GET without the content; where nobody bound it, the routes and hooks of GET serve it.
export const HEAD_AS_GET = 'HEAD as GET'

/** The methods as which routes are bound that serve a request, by the request's method. */
export const methodGroups: ReadonlyMap<string, readonly Method[]> = new Map<string, readonly Method[]>([
  ...httpMethods.map((method) => [method, [method, 'ALL']] as const),
  [HEAD_AS_GET, ['HEAD', 'GET', 'ALL']],
])

/** The methods whose hooks take part in a request that no route serves; HEAD has those of GET too. */
export function methodsOf(method: string): readonly Method[] {
  return methodGroups.get(method === 'HEAD' ? HEAD_AS_GET : method) ?? ['ALL']
}
