/** A JSON Schema, or a part of one. */
export type Json = Readonly<Record<string, unknown>>

/** Whether something is a schema, and not one that takes all or nothing. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the schema that a pointer within a document leads to (RFC 6901). */
export function readPointer(root: Json, pointer: string): unknown {
  const steps = decodeURIComponent(pointer).split('/').slice(1)
  return steps.reduce<unknown>((value, step) => {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? (value as Record<string, unknown>)[name]
      : undefined
  }, root)
}

/** What a JSON Schema says of the properties of an object. */
export interface ObjectParts {
  readonly properties: Json
  readonly required: ReadonlySet<string>
  /** Whether there may be others, or nothing is known. */
  readonly isOpen: boolean
}

/** Returns the properties of an object, also of one that consists of several. */
export function readObject(schema: Json, root: Json = schema, depth = 0): ObjectParts {
  if (depth > 20) return { properties: {}, required: new Set(), isOpen: true }
  const inside = (part: unknown) => readObject(isJson(part) ? part : {}, root, depth + 1)
  const own = typeof schema['$ref'] === 'string' ? [inside(readPointer(root, schema['$ref']))] : []
  const all = [...own, ...listOf(schema['allOf']).map(inside)]
  const choices = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])].map(inside)
  const [first] = choices
  const inAll = [...(first?.required ?? [])].filter((name) => choices.every(({ required }) => required.has(name)))
  const parts = [...all, ...choices]
  const { properties, required, additionalProperties } = schema
  return {
    properties: Object.assign(
      {},
      ...parts.map((part) => part.properties),
      isJson(properties) ? properties : {},
    ) as Json,
    required: new Set([...(listOf(required) as string[]), ...all.flatMap((part) => [...part.required]), ...inAll]),
    isOpen:
      parts.length > 0
        ? parts.some(({ isOpen }) => isOpen)
        : properties === undefined || isJson(additionalProperties) || additionalProperties === true,
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}
