import { httpMethods, type Method } from '../net/methods.ts'

// RFC 9110, section 9.3.2: HEAD is GET without the content; if nothing is bound to it, the routes and hooks of GET serve it.
export const HEAD_AS_GET = 'HEAD as GET'

/** The methods whose routes serve a request, by the method of the request. */
export const methodGroups: ReadonlyMap<string, readonly Method[]> = new Map<string, readonly Method[]>([
  ...httpMethods.map((method) => [method, [method, 'ALL']] as const),
  [HEAD_AS_GET, ['HEAD', 'GET', 'ALL']],
])

/** Returns the methods whose hooks run for a request that no route serves. HEAD has those of GET too. */
export function methodsOf(method: string): readonly Method[] {
  return methodGroups.get(method === 'HEAD' ? HEAD_AS_GET : method) ?? ['ALL']
}
