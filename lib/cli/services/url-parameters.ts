import { isObject, type JsonSchema, type OptionRow } from '../../kit.ts'
import { type FieldTable, hopFields, hopNodeFields, serviceFields } from './fields.ts'
import { kindsOf } from './texts.ts'

/** A parameter of a URL of `-L` or `-F`: a field of the part that it stands for. */
export interface UrlParameter {
  readonly name: string
  /** Where the field is in the part. */
  readonly path: readonly string[]
  /** Whether it may stand there several times, for a list. */
  readonly isList: boolean
  /** The field as documentation shows it. */
  readonly row: OptionRow
}

/** Objects that the names of parameters leave out: `strategy` is `forwarder.selector.strategy`. */
const leftOut = new Set(['handler', 'listener', 'forwarder', 'metadata', 'selector', 'tls', 'dialer'])

/** The parameters of `-L`: the fields of a service but those that the URL says before its `?`. */
export const serviceParameters: readonly UrlParameter[] = parametersOf(serviceFields, [
  'addr',
  'handler.type',
  'handler.auth',
  'listener.type',
  'forwarder.nodes',
])

/** The parameters of `-F` that are fields of its hop. */
export const hopParameters: readonly UrlParameter[] = parametersOf(hopFields, ['nodes'])

/** The parameters of `-F` that are fields of each of its nodes. */
export const nodeParameters: readonly UrlParameter[] = parametersOf(hopNodeFields, [
  'name',
  'addr',
  'interface',
  'maxFails',
  'failTimeout',
  'connector',
  'dialer.type',
])

/** @param others the paths of fields that are no parameters */
function parametersOf(table: FieldTable, others: readonly string[]): UrlParameter[] {
  const rows = new Map(table.rows().map((row) => [row.name, row]))
  const list = (schema: JsonSchema, path: readonly string[]): UrlParameter[] => {
    const { properties = {} } = schema as { readonly properties?: Readonly<Record<string, JsonSchema>> }
    return Object.entries(properties).flatMap(([name, field]) => {
      const at = [...path, name]
      if (others.includes(at.join('.'))) return []
      if (isObject(field['properties'])) return leftOut.has(name) ? list(field, at) : []
      const kinds = kindsOf(field)
      const row = rows.get(at.join('.')) as OptionRow
      return kinds.some(isScalar) ? [{ name, path: at, isList: kinds.some(({ type }) => type === 'array'), row }] : []
    })
  }
  return list(table.jsonSchema(), [])
}

function isScalar({ type, enum: values }: JsonSchema): boolean {
  return values !== undefined || ['string', 'boolean', 'integer', 'number'].includes(type as string)
}
