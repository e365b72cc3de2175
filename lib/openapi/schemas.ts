import { type AnySchema, readJsonSchema, SchemaOutline } from '../kit.ts'
import { compareText } from './choose-operations.ts'
import { isJson, type Json, readObject, readPointer } from './json-schema.ts'

/** What a schema is of: what clients send, or what they get. */
export type Direction = 'input' | 'output'

/** Returns the JSON Schema of what a function makes of a value, from that of the value. */
export type Envelope = (schema: Json) => Json

/** What a schema of an object says of its fields. */
export interface ObjectFields {
  readonly fields: readonly { readonly name: string; readonly schema: unknown; readonly isRequired: boolean }[]
  /** Whether it may have others. */
  readonly isOpen: boolean
}

/** A schema with a name, which becomes a component if it is used twice. */
class NamedSchema {
  readonly name: string
  readonly directions: Set<Direction> = new Set<Direction>()
  content: unknown
  uses = 0
  /** Whether it contains itself. */
  isRecursive = false
  /** The name of the component. */
  component: string | undefined

  constructor(name: string) {
    this.name = name
  }
}

/** Stands for a named schema until all uses are known. `beside` are the keywords beside the reference. */
class Reference {
  readonly to: NamedSchema
  readonly beside: Json

  constructor(to: NamedSchema, beside: Json = {}) {
    this.to = to
    this.beside = beside
  }
}

/** The JSON Schema that is walked. */
interface Walk {
  readonly root: Json
  readonly direction: Direction
  /** The pointers whose schemas are being walked. */
  readonly open: Map<string, NamedSchema>
}

const schemaKeywords = new Set(
  'additionalProperties contains contentSchema else if items not propertyNames then unevaluatedItems unevaluatedProperties'.split(
    ' ',
  ),
)
const listKeywords = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const mapKeywords = new Set(['dependentSchemas', 'patternProperties', 'properties'])

/** The schemas of a document. Those that have a name and are used twice, or contain themselves, become components. */
export class Schemas {
  readonly #named = new Map<string, NamedSchema>()
  readonly #converted = new WeakMap<AnySchema, Partial<Record<Direction, Json>>>()

  /** Returns what stands for a schema in a document until `resolve` has run. */
  use(schema: AnySchema, direction: Direction): unknown {
    return this.add(this.toJson(schema, direction), direction)
  }

  /** As `use`, for what functions make of what clients get, the innermost first. */
  useWithin(schema: AnySchema, envelopes: readonly Envelope[]): unknown {
    const { $defs, ...body } = this.toJson(schema, 'output')
    const around = envelopes.reduce<Json>((inner, envelope) => envelope(inner), body)
    return this.add($defs === undefined ? around : { ...around, $defs }, 'output')
  }

  /** As `use`, for a JSON Schema. */
  add(root: Json, direction: Direction): unknown {
    return this.#walk(root, { root, direction, open: new Map() })
  }

  /** Returns the fields of a schema of an object, each as `use` returns it; none of a schema that isn't one. */
  fieldsOf(schema: AnySchema, direction: Direction): ObjectFields {
    const root = this.toJson(schema, direction)
    const walk: Walk = { root, direction, open: new Map() }
    const { properties, required, isOpen } = readObject(root, root)
    const names = new Set([...Object.keys(properties), ...new SchemaOutline(schema, direction).at([])])
    const fields = [...names].map((name) => ({
      name,
      schema: this.#walk(Object.hasOwn(properties, name) ? properties[name] : {}, walk),
      isRequired: required.has(name),
    }))
    return { fields, isOpen: isOpen && (fields.length === 0 || Object.keys(properties).length > 0) }
  }

  /** Returns the JSON Schema of a schema; an open one where nothing is known. */
  toJson(schema: AnySchema, direction: Direction): Json {
    const known = this.#converted.get(schema) ?? {}
    this.#converted.set(schema, known)
    if (known[direction] === undefined) {
      const { $schema: _dialect, ...read } = readJsonSchema(schema, direction)
      known[direction] = defineRoot(read)
    }
    return known[direction]
  }

  /** Chooses the components, once all schemas are used. Returns them in the order of their names. */
  components(): { schemas?: Record<string, unknown> } {
    const taken = new Map<string, NamedSchema>()
    for (const [name, group] of this.#groups()) {
      // What clients get has the name alone.
      const [first, ...others] = group.toSorted((a, b) => rank(a) - rank(b)) as [NamedSchema, ...NamedSchema[]]
      take(first, name, taken)
      for (const schema of others) take(schema, schema.directions.has('output') ? name : `${name}Input`, taken)
    }
    const sorted = [...taken].toSorted(([a], [b]) => compareText(a, b))
    if (sorted.length === 0) return {}
    return { schemas: Object.fromEntries(sorted.map(([name, { content }]) => [name, this.resolve(content)])) }
  }

  /** Returns what becomes a component, by names and in their order. */
  #groups(): [name: string, group: NamedSchema[]][] {
    const groups = new Map<string, NamedSchema[]>()
    for (const schema of this.#named.values()) groups.set(schema.name, [...(groups.get(schema.name) ?? []), schema])
    const isUsedTwice = (group: readonly NamedSchema[]) => group.reduce((sum, { uses }) => sum + uses, 0) > 1
    return [...groups]
      .map(([name, group]): [string, NamedSchema[]] =>
        name === '' || !isUsedTwice(group)
          ? [name || 'Schema', group.filter(({ isRecursive }) => isRecursive)]
          : [name, group],
      )
      .filter(([, group]) => group.length > 0)
      .toSorted(([a], [b]) => compareText(a, b))
  }

  /** Replaces what stands for named schemas, once the components are chosen: by references to them, or by the schemas. */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item))
    if (value instanceof Reference) return this.#resolveReference(value)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.resolve(item)]))
  }

  #resolveReference({ to, beside }: Reference): unknown {
    const others = this.resolve(beside) as Json
    if (to.component !== undefined) return { $ref: `#/components/schemas/${to.component}`, ...others }
    const content = this.resolve(to.content)
    if (Object.keys(others).length === 0) return content
    const isApart = isJson(content) && Object.keys(others).every((key) => annotations.has(key) || !(key in content))
    return isApart ? { ...content, ...others } : { allOf: [content], ...others }
  }

  #walk(schema: unknown, walk: Walk): unknown {
    if (!isJson(schema)) return schema
    if (typeof schema['$ref'] === 'string' && schema['$ref'].startsWith('#')) return this.#follow(schema, walk)
    const name = toName(schema['title'])
    return name === undefined ? this.#walkInside(schema, walk) : new Reference(this.#name(name, schema, walk))
  }

  #walkInside(schema: Json, walk: Walk): Json {
    const entries = Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$defs' && key !== '$id')
    return Object.fromEntries(entries.map(([key, value]) => [key, this.#walkKeyword(key, value, walk)]))
  }

  #walkKeyword(key: string, value: unknown, walk: Walk): unknown {
    if (schemaKeywords.has(key)) return this.#walk(value, walk)
    if (listKeywords.has(key) && Array.isArray(value)) return value.map((item) => this.#walk(item, walk))
    if (!mapKeywords.has(key) || !isJson(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.#walk(item, walk)]))
  }

  #follow({ $ref, ...beside }: Json, walk: Walk): unknown {
    const pointer = $ref as string
    const open = walk.open.get(pointer)
    if (open !== undefined) {
      open.isRecursive = true
      open.uses++
      return new Reference(open, beside)
    }
    const target = readPointer(walk.root, pointer)
    if (!isJson(target)) return beside
    return new Reference(this.#name(nameOf(pointer, target), target, walk, pointer), this.#walkInside(beside, walk))
  }

  /** Returns the named schema of what is walked, the same for the same. */
  #name(name: string, schema: Json, walk: Walk, pointer?: string): NamedSchema {
    const { $defs: _definitions, ...own } = schema
    const text = JSON.stringify(own)
    const key = `${name} ${text}${text.includes('"$ref":"#') ? JSON.stringify(walk.root['$defs'] ?? walk.root) : ''}`
    const known = this.#named.get(key)
    const named = known ?? new NamedSchema(name)
    named.uses++
    named.directions.add(walk.direction)
    if (known !== undefined) return named
    this.#named.set(key, named)
    const open = new Map(walk.open)
    if (pointer !== undefined) open.set(pointer, named)
    named.content = this.#walkInside(schema, { ...walk, open })
    return named
  }
}

/** What says something of a schema, and decides nothing. */
const annotations = new Set(['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'])

function rank({ directions }: NamedSchema): number {
  return directions.has('output') ? 0 : 1
}

function take(schema: NamedSchema, name: string, taken: Map<string, NamedSchema>): void {
  let free = name
  for (let i = 2; taken.has(free); i++) free = name + i
  schema.component = free
  taken.set(free, schema)
}

/** Makes a definition of a schema that refers to itself as a whole, so that it can stand within another one. */
function defineRoot(schema: Json): Json {
  const text = JSON.stringify(schema)
  if (!text.includes('"$ref":"#"')) return schema
  const { $defs = {}, ...root } = JSON.parse(text.replaceAll('"$ref":"#"', '"$ref":"#/$defs/__root"')) as Json
  return { $ref: '#/$defs/__root', $defs: { ...($defs as Json), __root: root } }
}

/** Returns the name of a definition; `''` for one that a library has numbered, and that has no title. */
function nameOf(pointer: string, schema: Json): string {
  const [, key] = /^#\/\$defs\/([^/]+)$/.exec(pointer) ?? []
  const isGiven = key !== undefined && !key.startsWith('__')
  return (isGiven ? toName(decodeURIComponent(key)) : undefined) ?? toName(schema['title']) ?? ''
}

/** Returns a text as the name of a component: `ABook` for `A book`. */
function toName(title: unknown): string | undefined {
  if (typeof title !== 'string') return undefined
  const [first, ...others] = title.match(/[A-Za-z0-9._-]+/g) ?? []
  return first && first + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
