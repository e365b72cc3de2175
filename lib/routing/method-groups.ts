import { httpMethods, type Method } from '../net/methods.ts'

// RFC 9110, section 9.3.2: HEAD is GET without the content; if nothing is bound to it, the routes and hooks of GET serve it.
export const HEAD_AS_GET = 'HEAD as GET'

/** The methods whose routes serve a request, by the method of the request. */
export const methodGroups: ReadonlyMap<string, readonly Method[]> = new Map<string, readonly Method[]>([
  ...httpMethods.map((method) => [method, [method, 'ALL']] as const),
  [HEAD_AS_GET, ['HEAD', 'GET', 'ALL']],
])

/** The groups of methods that have to be told apart where some methods are. */
export class MethodGroups {
  /** By its number, the methods as which what serves requests of a group, or passes them, is bound. */
  readonly methods: readonly (readonly Method[])[]
  /** By the method of a request, or HEAD as GET; for others, the number is 0. */
  readonly numbers: ReadonlyMap<string, number>
  readonly forGet: number

  /** @param told the methods that are told apart */
  constructor(told: ReadonlySet<Method>) {
    const methods: (readonly Method[])[] = [['ALL']]
    const numbers = new Map<string, number>()
    for (const [name, served] of methodGroups) {
      const group = served.filter((method) => method === 'ALL' || told.has(method))
      const known = methods.findIndex((other) => other.join() === group.join())
      numbers.set(name, known < 0 ? methods.push(group) - 1 : known)
    }
    this.methods = methods
    this.numbers = numbers
    this.forGet = numbers.get('GET') ?? 0
  }
}
