/** What a handler may hold by mistake; made anew each time, since some of it can be used up. */
export const junk: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  '-1': () => -1,
  NaN: () => Number.NaN,
  "'junk'": () => 'junk',
  '{}': () => ({}),
  '[]': () => [],
  'a throwing function': () => fail,
  'a throwing Proxy': () => new Proxy({}, throwingTraps),
  'a rejecting Promise': () => handled(Promise.reject(new Error('junk'))),
  'Symbol()': () => Symbol('junk'),
}

export const junkNames = Object.keys(junk)

/** Where a handler does something: the eight events, around `next()`, `init`, method and `shut`, a status handler, a handler. */
export const places = [
  'BeforeServe',
  'AfterServe',
  'BeforePatch',
  'AfterPatch',
  'BeforeOutput',
  'AfterOutput',
  'BeforeClose',
  'AfterClose',
  'before next',
  'after next',
  'init',
  'method',
  'shut',
  'status',
  'handler',
] as const

export type Place = (typeof places)[number]

/** What becomes of what a call throws and returns: passed on, caught and waited for, only waited for, left to itself. */
export type Mode = 'bare' | 'caught' | 'awaited' | 'floating'

export type Action = 'read' | 'assign' | 'delete' | 'define' | 'freeze' | 'call' | 'throw' | 'return' | 'next'

/** One thing that one handler does to one request. */
export interface Deed {
  /** How the object is reached, such as `request.response`; `''` where the deed needs none. */
  readonly object: string
  /** Of the property or method, a symbol by what `String` makes of it. */
  readonly name: string
  readonly action: Action
  /** One of `junkNames`. */
  readonly junk: string
  /** How many arguments a call has. */
  readonly count: number
  readonly place: Place
  /** Whether it happens after an `await`. */
  readonly isLate: boolean
  readonly mode: Mode
}

/** An object that a handler reaches, and the names that it answers to. */
export interface Target {
  readonly object: string
  readonly names: readonly { readonly name: string; readonly isMethod: boolean }[]
}

export function describeDeed({ object, name, action, junk, count, place, isLate, mode }: Deed): string {
  const subject = [object, name].filter((part) => part !== '').join('.')
  const what: Record<Action, string> = {
    read: subject,
    assign: `${subject} = ${junk}`,
    delete: `delete ${subject}`,
    define: `${subject} becomes an accessor that throws`,
    freeze: `Object.freeze(${subject})`,
    call: `${subject}(${Array(count).fill(junk).join(', ')})`,
    throw: `throw ${junk}`,
    return: `return ${junk}`,
    next: `next(${junk}) × ${count}`,
  }
  return `${what[action]}  [${place}, ${isLate ? 'after an await' : 'at once'}, ${mode}]`
}

/** Keeps a promise of the test's own making from being taken for one that was lost. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

function fail(): never {
  throw new Error('junk')
}

const throwingTraps = new Proxy({}, { get: () => fail })
