import { isObject, type JsonSchema } from '../../kit.ts'
import { hopFields, hopNodeFields, serviceFields } from './fields.ts'
import { kindsOf } from './texts.ts'

/** A parameter of a URL of `-L` or `-F`: a field of the part that it stands for. */
export interface UrlParameter {
  readonly name: string
  /** Where the field is in the part. */
  readonly path: readonly string[]
  /** Whether it may stand there several times, for a list. */
  readonly isList: boolean
  /** What it does, and what it must be. */
  readonly description: string
  readonly default: unknown
}

/** Objects that the names of parameters leave out: `strategy` is `forwarder.selector.strategy`. */
const leftOut = new Set(['handler', 'listener', 'forwarder', 'metadata', 'selector', 'tls', 'dialer'])

/** The parameters of `-L`: the fields of a service but those that the URL says before its `?`. */
export const serviceParameters: readonly UrlParameter[] = parametersOf(serviceFields.jsonSchema(), [
  'addr',
  'handler.type',
  'handler.auth',
  'listener.type',
  'forwarder.nodes',
])

/** The parameters of `-F` that are fields of its hop. */
export const hopParameters: readonly UrlParameter[] = parametersOf(hopFields.jsonSchema(), ['nodes'])

/** The parameters of `-F` that are fields of each of its nodes. */
export const nodeParameters: readonly UrlParameter[] = parametersOf(hopNodeFields.jsonSchema(), [
  'name',
  'addr',
  'interface',
  'maxFails',
  'failTimeout',
  'connector',
  'dialer.type',
])

function parametersOf(schema: JsonSchema, others: readonly string[], path: readonly string[] = []): UrlParameter[] {
  const { properties = {} } = schema as { readonly properties?: Readonly<Record<string, JsonSchema>> }
  return Object.entries(properties).flatMap(([name, field]) => {
    const at = [...path, name]
    if (others.includes(at.join('.'))) return []
    if (isObject(field['properties'])) return leftOut.has(name) ? parametersOf(field, others, at) : []
    const kinds = kindsOf(field)
    if (!kinds.some(isScalar)) return []
    const isList = kinds.some(({ type }) => type === 'array')
    return [{ name, path: at, isList, description: String(field['description']), default: field['default'] }]
  })
}

function isScalar({ type, enum: values }: JsonSchema): boolean {
  return values !== undefined || ['string', 'boolean', 'integer', 'number'].includes(type as string)
}
