import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { ConfigError } from '../base/errors.ts'
import { Wing } from '../base/wing.ts'
import type { Request } from '../http/request.ts'
import { beforeServing, type Endpoint } from '../pipeline/exchange.ts'
import type { Bound } from '../routing/bound.ts'
import { parseDomains } from '../routing/domain.ts'
import type { Binder } from './binder.ts'
import { draftHandler } from './endpoint-draft.ts'
import { type OpenapiOptions, openapiOptions, type ReadOpenapiOptions } from './openapi-options.ts'
import type { RegisteredEndpoint, ServedRoutes } from './registry.ts'
import { resolvePattern, type Scope } from './scope.ts'

/** A document of OpenAPI 3.1. */
export interface OpenapiDocument {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  /** The version of the routes, where there are layers. */
  readonly 'x-version'?: number
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly components?: Readonly<Record<string, Readonly<Record<string, object>>>>
}

/** What a document is made of. */
export interface OpenapiSource {
  readonly options: ReadOpenapiOptions
  /** The whole path of the document. */
  readonly path: string
  /** The whole path of the page. */
  readonly pagePath: string | undefined
  /** Whether it tells of the whole server. */
  readonly isWhole: boolean
  /** Returns what it tells of now. */
  readonly read: () => ServedRoutes
}

/** What the wing makes of a source. */
export interface OpenapiPort {
  document(): Promise<OpenapiDocument>
  serveDocument(request: Request): Promise<void>
  servePage(request: Request): Promise<void>
}

/** Filled by `tribind/openapi`. */
export const openapiWing: Wing<(source: OpenapiSource) => OpenapiPort> = new Wing('tribind/openapi', 'openapi() needs')

/** The packages that the page may come from, each with a file of it: the first that is there. */
const pagePackages = {
  'swagger-ui-dist': 'swagger-ui-dist/swagger-ui-bundle.js',
  '@scalar/api-reference': '@scalar/api-reference/browser/standalone.js',
} as const

/** Where the page comes from. */
export interface PagePackage {
  readonly name: keyof typeof pagePackages
  /** The path of its script. */
  readonly script: string
}

/** What was bound and is no operation: documents and pages, of which the source is kept, and mounted servers. */
const untold = new WeakMap<object, OpenapiSource | undefined>()

/** Leaves an endpoint out of all documents. @param source of the document that it serves */
export function leaveUntold(endpoint: object, source?: OpenapiSource): void {
  untold.set(endpoint, source)
}

/** Whether documents tell of an endpoint. */
export function isTold(endpoint: object): boolean {
  return !untold.has(endpoint)
}

/** Returns the source of the document that an endpoint serves. */
export function openapiSourceOf(endpoint: object): OpenapiSource | undefined {
  return untold.get(endpoint)
}

/**
 * Binds a document and its page.
 *
 * @throws ConfigError for a wrong option, and if the package of the page is missing; RouteError as any other call that binds
 */
export function bindOpenapi(binder: Binder, options: OpenapiOptions): void {
  const source = createSource(binder, openapiOptions.parse(options))
  const { path, page } = source.options
  if (page !== false) findPagePackage()
  let port: OpenapiPort | undefined
  const open = async () => (port ??= (await openapiWing.load())(source))
  const serve = (name: string, run: (port: OpenapiPort, request: Request) => Promise<void>): Endpoint => {
    const endpoint = async (request: Request) => run(await open(), request)
    Object.defineProperty(endpoint, 'name', { value: name })
    leaveUntold(endpoint, source)
    return Object.assign(endpoint, { [beforeServing]: open })
  }
  const servePage = serve('openapiPage', (one, request) => one.servePage(request))
  const serveDocument = serve('openapiDocument', (one, request) => one.serveDocument(request))
  const pages = page === false ? [] : [page, `${page === '/' ? '' : page}/:file`]
  binder.bindEndpoints(
    path,
    () => [draftHandler(path, serveDocument), ...pages.map((pattern) => draftHandler(pattern, servePage))],
    'GET',
  )
}

/** Returns the document of what is bound. @throws ConfigError for a wrong option */
export async function createOpenapiDocument(binder: Binder, options: OpenapiOptions): Promise<OpenapiDocument> {
  const source = createSource(binder, openapiOptions.parse(options))
  const create = await openapiWing.load()
  return create(source).document()
}

/** Returns where the page comes from. @throws ConfigError if no package of it is there */
export function findPagePackage(): PagePackage {
  // Of a program in CommonJS there is no `import.meta.url`.
  const { url }: { readonly url?: string } = import.meta
  const require = createRequire(url ?? pathToFileURL(`${process.cwd()}/`))
  for (const [name, file] of Object.entries(pagePackages)) {
    try {
      return { name: name as PagePackage['name'], script: require.resolve(file) }
    } catch {
      // The next one may be there.
    }
  }
  throw new ConfigError(
    'openapi: the page needs the package "swagger-ui-dist" or "@scalar/api-reference", and none of them is there: run npm install swagger-ui-dist, or set page: false for the document alone',
    { failure: 'ERR_TRIBIND_PACKAGE_MISSING' },
  )
}

function createSource(binder: Binder, options: ReadOpenapiOptions): OpenapiSource {
  const { scope } = binder
  const wholeOf = (path: string) => resolvePattern(scope, path).route.text
  const isInside = insideOf(scope)
  return {
    options,
    path: wholeOf(options.path),
    pagePath: options.page === false ? undefined : wholeOf(options.page),
    isWhole: scope.groups.length === 0 && scope.domains === undefined && scope.entryPoint === undefined,
    read: () => {
      const served = binder.served()
      return { ...served, routes: () => served.routes().filter(isInside) }
    },
  }
}

/** Returns what tells whether something was bound in a scope. */
function insideOf({ entryPoint, domains, groups }: Scope): (bound: Bound<RegisteredEndpoint>) => boolean {
  const group = groups.at(-1)
  const hosts = domains === undefined ? undefined : parseDomains(domains)
  return ({ domain, value }) =>
    (entryPoint === undefined || value.entryPoint === entryPoint) &&
    (hosts === undefined || hosts.includes(domain)) &&
    (group === undefined || value.groups.includes(group))
}
