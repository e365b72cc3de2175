import type { OpenapiDocument } from '../index.ts'
import type { OpenapiSource } from '../kit.ts'
import { chooseOperations } from './choose-operations.ts'
import { describeOperation } from './describe-operation.ts'
import { ErrorBodies } from './error-bodies.ts'
import type { Json } from './json-schema.ts'
import { Schemas } from './schemas.ts'

/** What the tools of all vendors read. */
const OPENAPI_VERSION = '3.1.0'

/** Returns the document of what is bound now: for the same routes the same, with all keys in the same order. */
export async function createDocument(source: OpenapiSource): Promise<OpenapiDocument> {
  const { options, path, read } = source
  const { info, servers = [{ url: folderOf(path) }], tags, securitySchemes, include } = options
  const { routes, interceptors, hasLayers, version, problems } = read()
  const schemas = new Schemas()
  const describing = { schemas, errors: new ErrorBodies(schemas, problems), interceptors: interceptors() }
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of chooseOperations(routes(), include))
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = await describeOperation(operation, describing)
  const components = {
    ...schemas.components(),
    ...(securitySchemes !== undefined && { securitySchemes }),
  }
  const document = {
    openapi: OPENAPI_VERSION,
    info,
    ...(hasLayers && { 'x-version': version }),
    servers,
    // An operation that declares none needs none.
    security: [],
    ...(tags !== undefined && { tags }),
    paths: schemas.resolve(paths),
    ...(Object.keys(components).length > 0 && { components }),
  }
  return document as unknown as OpenapiDocument
}

/** Returns a document as it is sent and printed. */
export function printDocument(document: OpenapiDocument): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
}

/** Returns where the server is, as seen from its document: also below a prefix that a proxy or another server adds. */
function folderOf(path: string): string {
  const depth = path.split('/').length - 2
  return depth === 0 ? '.' : Array(depth).fill('..').join('/')
}
