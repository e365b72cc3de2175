// What bin/tribind.mjs calls, and what build.mjs writes.
import type { JsonSchema } from './kit.ts'

export { main } from './cli/main.ts'

/** Returns the JSON Schema of a services file. Commands do without what it loads. */
export async function loadServicesSchema(): Promise<JsonSchema> {
  return (await import('./cli/services/services-schema.ts')).servicesSchema
}
