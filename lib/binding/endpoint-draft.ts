import type { FailureCode } from '../base/error-codes.ts'
import { RouteError } from '../base/errors.ts'
import { suggestName } from '../base/nearest-name.ts'
import { declarationOf, declaredMethods } from '../declare/declaration.ts'
import type { Declared } from '../declare/read-input.ts'
import { httpMethods } from '../net/methods.ts'
import type { Request } from '../http/request.ts'
import type { Endpoint } from '../pipeline/exchange.ts'
import {
  createControllerEndpoint,
  createHandlerEndpoint,
  createObjectEndpoint,
  type Method,
} from '../pipeline/method-call.ts'
import { splitPattern } from '../routing/pattern.ts'
import { printValue } from '../options/print-value.ts'
import { type Action, type MethodList, parseMethodList } from './method-list.ts'
import { type NamingStyle, nameToUri } from './name-to-uri.ts'
import { hasFunction, listMethods } from './bindable-methods.ts'

/** An endpoint and the pattern to bind it to, not yet resolved in a scope. */
export interface EndpointDraft {
  readonly pattern: string
  readonly type: 'handler' | 'object' | 'controller' | 'websocket' | 'static'
  readonly name: string
  readonly endpoint: Endpoint
  /** What the application bound: a function, an object, a class, or the path of a folder. */
  readonly subject: unknown
  /** The declaration of what is bound. */
  readonly declared?: Declared | undefined
}

/** An object or a class whose methods are bound. */
export interface EndpointTarget {
  readonly type: 'object' | 'controller'
  /** The name of the class, `''` if it has none. */
  readonly name: string
  readonly subject: object
  /** The owner of its methods: the object, or the prototype of the class. */
  readonly members: object
  readonly createEndpoint: (method: Method) => Endpoint
}

/** Drafts the endpoint of a function. @throws RouteError for anything but a function */
export function draftHandler(pattern: string, handler: (request: Request) => unknown): EndpointDraft {
  if (typeof handler !== 'function') throw notA('a function', 'handler', handler, 'ERR_TRIBIND_ROUTE_HANDLER')
  const declared = declarationOf(handler)
  const endpoint = createHandlerEndpoint(handler, declared)
  return { pattern, type: 'handler', name: handler.name || 'anonymous', endpoint, subject: handler, declared }
}

/** Returns an object as a target. @throws RouteError for anything but an object */
export function targetObject(object: object): EndpointTarget {
  if (typeof object !== 'object' || object === null)
    throw notA('an object with methods', 'argument', object, 'ERR_TRIBIND_ROUTE_OBJECT')
  const target: EndpointTarget = {
    type: 'object',
    name: classNameOf(object),
    subject: object,
    members: object,
    createEndpoint: (method) => createObjectEndpoint(object, method),
  }
  return checkDeclared(target)
}

/** Returns a controller as a target. @throws RouteError for anything but a class */
export function targetController(Class: new () => object): EndpointTarget {
  if (!isClass(Class)) throw notA('a class', 'controller', Class, 'ERR_TRIBIND_ROUTE_CONTROLLER')
  const target: EndpointTarget = {
    type: 'controller',
    name: Class.name,
    subject: Class,
    members: Class.prototype as object,
    createEndpoint: (method) => createControllerEndpoint(Class, method),
  }
  return checkDeclared(target)
}

/** Returns a class as a controller, and any other object as it is. @throws RouteError for anything but these */
export function targetEither(subject: object): EndpointTarget {
  return isClass(subject) ? targetController(subject) : targetObject(subject)
}

/**
 * Drafts one route for each method; `index` is drafted for the pattern itself too.
 *
 * @throws RouteError for a list that is empty or names something that can't be bound, and for a target without methods
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

/** Drafts the pattern for each HTTP method whose name in lower case is a method of the target. */
export function draftRest(target: EndpointTarget, pattern: string, style: NamingStyle): EndpointDraft[] {
  const { methods } = splitPattern(pattern)
  if (methods !== undefined)
    throw new RouteError(
      `the pattern must not name a method, got ${methods}: REST takes the methods from the names of the functions`,
      { failure: 'ERR_TRIBIND_ROUTE_METHOD_EXTRA' },
    )
  const names = httpMethods.map((method) => method.toLowerCase())
  const found = listMethods(target.members).filter((name) => names.includes(name))
  if (found.length === 0) throw missing(`${nameOf(target)} must have one of the methods ${names.join(', ')}, has none`)
  return found.map((name) => draftMethod(target, `${name}:${fillNames(target, pattern, name, style)}`, name))
}

/** What each method of a resource serves: HTTP methods, and the path behind that of the resource. */
const actions: Readonly<Record<Action, readonly [methods: string, path: string]>> = {
  index: ['GET', ''],
  create: ['GET', '/create'],
  store: ['POST', ''],
  show: ['GET', '/:id'],
  edit: ['GET', '/:id/edit'],
  update: ['PUT,PATCH', '/:id'],
  destroy: ['DELETE', '/:id'],
}

/** Drafts the pattern of each action that is a method of the target. */
export function draftResource(target: EndpointTarget, pattern: string, style: NamingStyle): EndpointDraft[] {
  const { methods, route, domains } = splitPattern(pattern)
  if (methods !== undefined)
    throw new RouteError(
      `the pattern must not name a method, got ${methods}: each method of a resource has its own, such as POST for store`,
      { failure: 'ERR_TRIBIND_ROUTE_METHOD_EXTRA' },
    )
  const names = Object.keys(actions) as Action[]
  const found = listMethods(target.members)
  const served = names.filter((name) => found.includes(name))
  if (served.length === 0) throw missing(`${nameOf(target)} must have one of the methods ${names.join(', ')}, has none`)
  return served.map((name) => {
    const [verbs, path] = actions[name]
    const filled = fillNames(target, `${route}${path}${domains === undefined ? '' : `@${domains}`}`, name, style)
    return draftMethod(target, `${verbs}:${filled}`, name)
  })
}

function chooseMethods(target: EndpointTarget, list: MethodList | undefined): string[] {
  const methods = listMethods(target.members)
  if (list === undefined) {
    if (methods.length === 0) throw missing(`${nameOf(target)} must have a public method, has none`)
    return methods
  }
  const names = parseMethodList(list)
  if (names.length === 0)
    throw new RouteError(`the list of methods of ${nameOf(target)} must name at least one, got an empty list`, {
      failure: 'ERR_TRIBIND_ROUTE_MEMBERS_EMPTY',
    })
  const unknown = names.find((name) => !methods.includes(name))
  if (unknown !== undefined)
    throw new RouteError(`${nameOf(target)} has no public method "${unknown}"${advise(unknown, methods)}`, {
      failure: 'ERR_TRIBIND_ROUTE_MEMBER_UNKNOWN',
    })
  return [...new Set(names)]
}

/** Returns the target. @throws RouteError naming a declared method that it doesn't have */
function checkDeclared(target: EndpointTarget): EndpointTarget {
  const declared = [...declaredMethods(target.members).keys()]
  const methods = declared.length === 0 ? [] : listMethods(target.members)
  const unknown = declared.find((name) => !methods.includes(name))
  if (unknown === undefined) return target
  throw new RouteError(
    `${nameOf(target)} has no public method "${unknown}", for which declareMethods has a declaration${advise(unknown, methods)}`,
    { failure: 'ERR_TRIBIND_ROUTE_MEMBER_UNKNOWN' },
  )
}

function draftMethod(target: EndpointTarget, pattern: string, name: string): EndpointDraft {
  const { members, type } = target
  const declared = declaredMethods(members).get(name)
  const call = { name, hasInit: hasFunction(members, 'init'), hasShut: hasFunction(members, 'shut'), declared }
  return {
    pattern,
    type,
    name: `${target.name || 'anonymous'}.${name}`,
    endpoint: target.createEndpoint(call),
    subject: target.subject,
    declared,
  }
}

function fillNames(target: EndpointTarget, pattern: string, method: string, style: NamingStyle): string {
  if (pattern.includes('{.struct}') && target.name === '')
    throw new RouteError('"{.struct}" stands for the name of the class, which has none: name the class', {
      failure: 'ERR_TRIBIND_ROUTE_NAME_MISSING',
    })
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
  if (/^[:*.]|[/{}@\\]/.test(segment))
    throw new RouteError(
      `the name "${name}" can't be a segment of a path: rename it, or bind it with a pattern of its own`,
      { failure: 'ERR_TRIBIND_ROUTE_NAME_SEGMENT' },
    )
  return segment
}

function nameOf({ type, name }: EndpointTarget): string {
  return `the ${type} ${name || 'without a name'}`
}

function advise(unknown: string, methods: readonly string[]): string {
  if (methods.length === 0) return ''
  return `${suggestName(unknown, methods) || '.'} Its public methods: ${methods.join(', ')}`
}

function missing(message: string): RouteError {
  return new RouteError(message, { failure: 'ERR_TRIBIND_ROUTE_MEMBERS_MISSING' })
}

function notA(expected: string, role: string, got: unknown, failure: FailureCode): RouteError {
  return new RouteError(`the ${role} must be ${expected}, got ${describe(got)}`, { failure })
}

function describe(value: unknown): string {
  if (isClass(value)) return `the class ${value.name}: pass an instance, or use bindController`
  if (typeof value === 'function') return value.name === '' ? 'a function without a name' : `the function ${value.name}`
  if (typeof value !== 'object' || value === null) return printValue(value)
  const name = classNameOf(value)
  return name === '' ? 'an object' : `an object of class ${name}: pass its class, or use bindObject`
}

function isClass(value: unknown): value is new () => object {
  if (typeof value !== 'function') return false
  const members = value.prototype as object | undefined
  return members !== undefined && Object.hasOwn(members, 'constructor')
}

function classNameOf(object: object): string {
  return (object.constructor as { name?: string } | undefined)?.name ?? ''
}
