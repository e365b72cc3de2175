import type { JsonSchema } from '../../kit.ts'
import type { Kind } from './kind.ts'
import { middlewareKinds } from './middleware-table.ts'
import { routeKind } from './route-table.ts'
import { serviceKinds } from './service-table.ts'

/** The JSON Schema of a configuration, in the draft 2020-12. What `server.provideMiddleware` gave a name to may be there, whatever its options. */
export const configurationSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Configuration of tribind',
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    routes: byName('route', 'Which requests go to which service'),
    services: byName('service', 'What answers requests'),
    middlewares: byName('middleware', 'What acts on requests before and after their service'),
  },
  additionalProperties: false,
  $defs: {
    route: routeKind.table.jsonSchema(),
    service: { anyOf: schemasOf(serviceKinds) },
    middleware: { anyOf: [...schemasOf(middlewareKinds), providedMiddleware()] },
  },
}

function byName(definition: string, description: string): JsonSchema {
  return {
    type: 'object',
    description,
    propertyNames: { pattern: '^[^@]+$' },
    additionalProperties: { $ref: `#/$defs/${definition}` },
  }
}

function schemasOf(kinds: ReadonlyMap<string, Kind>): JsonSchema[] {
  return [...kinds.values()].map(({ table }) => table.jsonSchema())
}

/** One member of any other name. */
function providedMiddleware(): JsonSchema {
  const ours = Object.fromEntries([...middlewareKinds.keys()].map((name) => [name, false]))
  return { type: 'object', properties: ours, minProperties: 1, maxProperties: 1 }
}
