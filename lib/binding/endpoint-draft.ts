import { RouteError } from '../base/errors.ts'
import { httpMethods } from '../net/methods.ts'
import type { Request } from '../http/request.ts'
import type { Endpoint } from '../pipeline/exchange.ts'
import { createControllerEndpoint, createObjectEndpoint, type Method } from '../pipeline/method-call.ts'
import { splitPattern } from '../routing/pattern.ts'
import { type MethodList, parseMethodList } from './method-list.ts'
import { type NamingStyle, nameToUri } from './name-to-uri.ts'
import { hasFunction, listMethods } from './bindable-methods.ts'

/** An endpoint and the pattern it is to be bound to, not yet in a scope. */
export interface EndpointDraft {
  readonly pattern: string
  readonly type: 'handler' | 'object' | 'controller' | 'websocket' | 'static'
  readonly name: string
  readonly endpoint: Endpoint
}

/** An object or a class whose methods are to be bound. */
export interface EndpointTarget {
  readonly type: 'object' | 'controller'
  /** Of the class; `''` where it has none. */
  readonly name: string
  /** Where its methods are: the object, or the prototype of the class. */
  readonly members: object
  readonly createEndpoint: (method: Method) => Endpoint
}

/** @throws RouteError for what isn't a function */
export function draftHandler(pattern: string, handler: (request: Request) => unknown): EndpointDraft {
  if (typeof handler !== 'function') throw new RouteError(`the handler must be a function, got ${describe(handler)}`)
  return { pattern, type: 'handler', name: handler.name || 'anonymous', endpoint: handler }
}

/** @throws RouteError for what isn't an object */
export function targetObject(object: object): EndpointTarget {
  if (typeof object !== 'object' || object === null)
    throw new RouteError(`the object must be an object, got ${describe(object)}`)
  const name = (object.constructor as { name?: string } | undefined)?.name ?? ''
  return { type: 'object', name, members: object, createEndpoint: (method) => createObjectEndpoint(object, method) }
}

/** @throws RouteError for what isn't a class */
export function targetController(Class: new () => object): EndpointTarget {
  const members = typeof Class === 'function' ? (Class.prototype as object | undefined) : undefined
  if (members === undefined || !Object.hasOwn(members, 'constructor')) {
    throw new RouteError(`the controller must be a class, got ${describe(Class)}`)
  }
  return {
    type: 'controller',
    name: Class.name,
    members,
    createEndpoint: (method) => createControllerEndpoint(Class, method),
  }
}

/**
 * Drafts one route for each method, `index` on the pattern itself too.
 *
 * @throws RouteError for a list that is empty or names what can't be bound, and where there is no method at all
 */
export function draftMethods(
  target: EndpointTarget,
  pattern: string,
  list: MethodList | undefined,
  style: NamingStyle,
): EndpointDraft[] {
  return chooseMethods(target, list).flatMap((name) => {
    const hasMethod = pattern.includes('{.method}')
    const filled = fillNames(target, pattern, name, style)
    const drafts = [draftMethod(target, hasMethod ? filled : appendSegment(filled, toSegment(name, style)), name)]
    return name === 'index' && !hasMethod ? [...drafts, draftMethod(target, filled, name)] : drafts
  })
}

/** Drafts the pattern under each HTTP method that the target has a method of that name for, in lower case. */
export function draftRest(target: EndpointTarget, pattern: string, style: NamingStyle): EndpointDraft[] {
  const { methods } = splitPattern(pattern)
  if (methods !== undefined)
    throw new RouteError(
      `it must not name a method, got ${methods}: REST takes the methods from the names of the functions`,
    )
  const names = httpMethods.map((method) => method.toLowerCase())
  const found = listMethods(target.members).filter((name) => names.includes(name))
  if (found.length === 0) throw new RouteError(`${nameOf(target)} has none of the methods ${names.join(', ')}`)
  return found.map((name) => draftMethod(target, `${name}:${fillNames(target, pattern, name, style)}`, name))
}

function chooseMethods(target: EndpointTarget, list: MethodList | undefined): string[] {
  const methods = listMethods(target.members)
  if (list === undefined) {
    if (methods.length === 0) throw new RouteError(`${nameOf(target)} has no method to bind`)
    return methods
  }
  const names = parseMethodList(list)
  if (names.length === 0) throw new RouteError(`the list of methods of ${nameOf(target)} is empty`)
  const missing = names.find((name) => !methods.includes(name))
  if (missing !== undefined) throw new RouteError(`${nameOf(target)} has no public method "${missing}"`)
  return [...new Set(names)]
}

function draftMethod(target: EndpointTarget, pattern: string, name: string): EndpointDraft {
  const { members, type } = target
  const call = { name, hasInit: hasFunction(members, 'init'), hasShut: hasFunction(members, 'shut') }
  return { pattern, type, name: `${target.name || 'anonymous'}.${name}`, endpoint: target.createEndpoint(call) }
}

function fillNames(target: EndpointTarget, pattern: string, method: string, style: NamingStyle): string {
  if (pattern.includes('{.struct}') && target.name === '')
    throw new RouteError('{.struct} needs a class that has a name')
  return pattern
    .replaceAll('{.struct}', () => toSegment(target.name, style))
    .replaceAll('{.method}', () => toSegment(method, style))
}

function appendSegment(pattern: string, segment: string): string {
  const { methods, route, domains } = splitPattern(pattern)
  return `${methods === undefined ? '' : `${methods}:`}${route}/${segment}${domains === undefined ? '' : `@${domains}`}`
}

function toSegment(name: string, style: NamingStyle): string {
  const segment = nameToUri(name, style)
  if (/^[:*.]|[/{}@\\]/.test(segment)) throw new RouteError(`the name "${name}" can't be a segment of a path`)
  return segment
}

function nameOf({ type, name }: EndpointTarget): string {
  return `the ${type} ${name || 'without a name'}`
}

function describe(value: unknown): string {
  return value === null
    ? 'null'
    : typeof value === 'function'
      ? `the function ${value.name}`
      : `a value of type ${typeof value}`
}
