import type { Request } from 'tribind'
import { type Deed, handled, junk } from './junk.ts'
import { reachableNames } from './reflect.ts'

/** What a handler has in its hands where the deed is done. */
export interface Hands {
  readonly request: Request
  readonly controller?: object
  readonly next?: () => Promise<void>
}

/** The arguments of the methods that hand out what no property does. */
const handOuts: Readonly<Record<string, readonly unknown[]>> = {
  'form()': [],
  'file()': ['file'],
  'sse()': [],
  'all()': [],
  'data()': [],
}

/** Follows a path such as `request.response.sse()`; a promise where a step of it gives one. */
export async function reach(path: string, hands: Hands): Promise<object> {
  let at: unknown = hands
  for (const step of path.split('.')) at = await takeStep(at as object, step)
  return at as object
}

/** Does it, and returns what a handler would return. */
export function doDeed(deed: Deed, hands: Hands, acted: () => void): unknown {
  if (!deed.isLate) return doNow(deed, deed.object === '' ? hands : reachAtOnce(deed.object, hands), hands, acted)
  return later(async () => {
    const object = deed.object === '' ? hands : await reach(deed.object, hands)
    return doNow(deed, object, hands, acted)
  })
}

async function later(act: () => Promise<unknown>): Promise<unknown> {
  await new Promise((resolve) => setImmediate(resolve))
  return act()
}

function takeStep(object: object, step: string): unknown {
  if (!step.endsWith('()')) return Reflect.get(object, findName(object, step))
  return Reflect.apply(Reflect.get(object, step.slice(0, -2)), object, handOuts[step] as unknown[])
}

function reachAtOnce(path: string, hands: Hands): object {
  return path.split('.').reduce<unknown>((at, step) => takeStep(at as object, step), hands) as object
}

function doNow(deed: Deed, object: object, hands: Hands, acted: () => void): unknown {
  acted()
  if (deed.mode === 'bare') return act(deed, object, hands)
  try {
    const result = act(deed, object, hands)
    if (deed.mode === 'floating') return undefined
    const awaited = handled(Promise.resolve(result).then(() => undefined))
    return deed.mode === 'caught' ? awaited.catch(() => undefined) : awaited
  } catch {
    return undefined
  }
}

function act({ action, name: text, junk: junkName, count }: Deed, object: object, { next }: Hands): unknown {
  const value = junk[junkName]?.()
  const name = findName(object, text)
  switch (action) {
    case 'read':
      return Reflect.get(object, name)
    case 'assign':
      return assign(object, name, value)
    case 'delete':
      return Reflect.deleteProperty(object, name)
    case 'define':
      return Object.defineProperty(object, name, { get: throwJunk, set: throwJunk, configurable: true })
    case 'freeze':
      return void Object.freeze(object)
    case 'call':
      return answerHijacked(name, Reflect.apply(Reflect.get(object, name), object, Array<unknown>(count).fill(value)))
    case 'throw':
      throw value
    case 'return':
      return value
    case 'next':
      return callOften(next as () => unknown, count, value)
  }
}

/** Whoever takes the request over has to answer it. */
function answerHijacked(name: PropertyKey, result: unknown): unknown {
  if (name === 'hijack') (result as ReturnType<Request['response']['hijack']>).response.end()
  return result
}

/** As code in strict mode does it, which all modules are. */
function assign(object: object, name: PropertyKey, value: unknown): void {
  ;(object as Record<PropertyKey, unknown>)[name] = value
}

function callOften(next: (value: unknown) => unknown, count: number, value: unknown): unknown {
  let result: unknown
  for (let i = 0; i < count; i++) result = next(value)
  return result
}

function throwJunk(): never {
  throw new Error('junk')
}

function findName(object: object, text: string): PropertyKey {
  return reachableNames(object).find((name) => String(name) === text) ?? text
}
