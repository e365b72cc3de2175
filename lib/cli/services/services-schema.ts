import type { JsonSchema } from '../../kit.ts'
import { partFields } from './fields.ts'
import { allowTexts } from './texts.ts'

/** What each list of parts is for. */
export const partSummaries: Readonly<Record<keyof typeof partFields, string>> = {
  services: 'What listens where, and what answers there',
  chains: 'The hops that connections go through, in order',
  hops: 'Hops by name, for several chains',
  observers: 'Who is told of states and statistics',
  api: 'The administration',
}

/** The JSON Schema of a services file, in the draft 2020-12. */
export const servicesSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Services of tribind',
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    ...Object.fromEntries((Object.keys(partFields) as (keyof typeof partFields)[]).map(describe)),
  },
  additionalProperties: false,
}

function describe(name: keyof typeof partFields): [string, JsonSchema] {
  const schema = allowTexts(partFields[name].jsonSchema())
  const description = partSummaries[name]
  return [name, name === 'api' ? { ...schema, description } : { type: 'array', description, items: schema }]
}
