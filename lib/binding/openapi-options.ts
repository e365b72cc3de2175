import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, nested, option } from '../options/option.ts'
import { callback, text } from '../options/option-kinds.ts'
import { parseRoute } from '../routing/route.ts'

/** What an OpenAPI document says of the API as a whole. */
export interface OpenapiInfo {
  title: string
  /** The version of the API, not of OpenAPI. */
  version: string
  summary?: string
  /** May have Markdown. */
  description?: string
  /** A URL. */
  termsOfService?: string
  contact?: { readonly name?: string; readonly url?: string; readonly email?: string }
  license?: { readonly name: string; readonly identifier?: string; readonly url?: string }
}

/** What `include` decides on: a route under one method. */
export interface OpenapiOperation {
  /** In upper case, such as `GET`; that of `ALL` is told twice, as `GET` and as `POST`. */
  readonly method: string
  /** As the document has it: `/books/{id}`. */
  readonly path: string
  /** As it was bound: `/books/:id`. */
  readonly route: string
  /** The domains that it is bound to; empty for every host. */
  readonly domains: readonly string[]
  readonly type: 'handler' | 'object' | 'controller'
  /** The name of the function, or `Class.method`. */
  readonly name: string
  readonly operationId: string
  readonly tags: readonly string[]
  readonly deprecated: boolean
  /** The layer it is bound in; `undefined` for the layer `code`. */
  readonly layer: string | undefined
  /** The entry point where alone it serves; `undefined` where it is bound on the server. */
  readonly entryPoint: string | undefined
}

/** What an OpenAPI document is made with, and where it is served. */
export interface OpenapiOptions {
  info: OpenapiInfo
  /** Where the document is. Default `/openapi.json`. */
  path?: string
  /** Where the page is, which needs `swagger-ui-dist` or `@scalar/api-reference`; false for none. Default `/docs`. */
  page?: string | false
  /** Where the API is served. Default: where the document comes from. */
  servers?: readonly { readonly url: string; readonly description?: string; readonly variables?: object }[]
  /** What is told of tags, in the order in which the page shows them. Default: none. */
  tags?: readonly { readonly name: string; readonly description?: string; readonly externalDocs?: object }[]
  /** The security schemes that declarations name in `security`, as OpenAPI has them. Default: none. */
  securitySchemes?: Readonly<Record<string, object>>
  /** Returns whether an operation is told. Default: all are. */
  include?: (operation: OpenapiOperation) => boolean
}

/** The options with their defaults. */
export type ReadOpenapiOptions = Complete<OpenapiOptions, 'servers' | 'tags' | 'securitySchemes' | 'include'>

const infoOptions: OptionTable<OpenapiInfo, Readonly<OpenapiInfo>> = defineOptions({
  title: text({ required: true }),
  version: text({ required: true }),
  summary: text(),
  description: text(),
  termsOfService: text(),
  contact: option(isObject, 'an object with name, url or email'),
  license: option((value) => hasText(value, 'name'), 'an object with a name'),
})

/** The table of the options of `openapi`. */
export const openapiOptions: OptionTable<OpenapiOptions, ReadOpenapiOptions> = defineOptions(
  {
    info: nested(infoOptions, 'an object with title and version', { required: true }),
    path: option(isPlainPath, 'a path without parameters, such as "/openapi.json"', { default: '/openapi.json' }),
    page: option(
      (value) => value === false || isPlainPath(value),
      'false, or a path without parameters, such as "/docs"',
      {
        default: '/docs',
      },
    ),
    servers: option((value) => isListOf(value, 'url'), 'an array of objects, each with a url'),
    tags: option((value) => isListOf(value, 'name'), 'an array of objects, each with a name'),
    securitySchemes: option(areSchemes, 'an object of security schemes by name, each with a type'),
    include: callback('a function of an operation'),
  },
  {
    owner: 'openapi',
    check: ({ path, page }, place) =>
      path === page
        ? `option "${place}page" must be another path than "${place}path", got "${path}" for both`
        : undefined,
  },
)

function isPlainPath(value: unknown): boolean {
  if (typeof value !== 'string' || !value.startsWith('/')) return false
  try {
    const { text: route, parameters } = parseRoute(value)
    return parameters === 0 && route === value
  } catch {
    return false
  }
}

function isListOf(value: unknown, name: string): boolean {
  return Array.isArray(value) && value.every((item) => hasText(item, name))
}

function areSchemes(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((scheme) => hasText(scheme, 'type'))
}

function hasText(value: unknown, name: string): boolean {
  return isObject(value) && typeof (value as Record<string, unknown>)[name] === 'string'
}
