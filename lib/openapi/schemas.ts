import { compareText } from './choose-operations.ts'

/** A JSON Schema, or a part of one. */
export type Json = Readonly<Record<string, unknown>>

/** What a schema is of: what clients send, or what they get. */
export type Direction = 'input' | 'output'

/** A Standard Schema, as far as a document uses it. */
export interface DocumentedSchema {
  readonly '~standard': {
    readonly jsonSchema?: Readonly<Record<Direction, (options: JsonSchemaOptions) => object>> | undefined
  }
}

interface JsonSchemaOptions {
  readonly target: 'draft-2020-12'
  readonly libraryOptions?: Record<string, unknown>
}

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

const schemaKeywords = new Set([
  ...['additionalProperties', 'contains', 'contentSchema', 'else', 'if', 'items', 'not', 'propertyNames', 'then'],
  ...['unevaluatedItems', 'unevaluatedProperties'],
])
const listKeywords = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const mapKeywords = new Set(['dependentSchemas', 'patternProperties', 'properties'])

/** The schemas of a document. Those that have a name and are used twice, or contain themselves, become components. */
export class Schemas {
  readonly #named = new Map<string, NamedSchema>()
  readonly #converted = new WeakMap<DocumentedSchema, Partial<Record<Direction, Json>>>()

  /** Returns what stands for a schema in a document until `resolve` has run. */
  use(schema: DocumentedSchema, direction: Direction): unknown {
    return this.add(this.toJson(schema, direction), direction)
  }

  /** As `use`, for a JSON Schema. */
  add(root: Json, direction: Direction): unknown {
    return this.#walk(root, { root, direction, open: new Map() })
  }

  /** Returns the fields of a schema of an object, each as `use` returns it; none of a schema that isn't one. */
  fieldsOf(schema: DocumentedSchema, direction: Direction): ObjectFields {
    const root = this.toJson(schema, direction)
    const walk: Walk = { root, direction, open: new Map() }
    const { properties, required, isOpen } = readObject(root, root)
    const fields = Object.entries(properties).map(([name, field]) => ({
      name,
      schema: this.#walk(field, walk),
      isRequired: required.has(name),
    }))
    return { fields, isOpen }
  }

  /** Returns the JSON Schema of a schema, at whose root there is no reference; an open one where nothing is known. */
  toJson(schema: DocumentedSchema, direction: Direction): Json {
    const known = this.#converted.get(schema) ?? {}
    this.#converted.set(schema, known)
    return (known[direction] ??= convert(schema, direction))
  }

  /** Chooses the components, once all schemas are used. Returns them in the order of their names. */
  components(): Record<string, unknown> {
    const byName = Map.groupBy
      ? Map.groupBy(this.#named.values(), ({ name }) => name)
      : groupByName(this.#named.values())
    const taken = new Map<string, NamedSchema>()
    for (const [name, group] of [...byName].toSorted(([a], [b]) => compareText(a, b))) {
      const uses = group.reduce((sum, schema) => sum + schema.uses, 0)
      if (uses < 2 && !group.some(({ isRecursive }) => isRecursive)) continue
      // What clients get has the name alone.
      const [first, ...others] = group.toSorted((a, b) => rank(a) - rank(b)) as [NamedSchema, ...NamedSchema[]]
      take(first, name, taken)
      for (const schema of others) take(schema, schema.directions.has('output') ? name : `${name}Input`, taken)
    }
    const sorted = [...taken].toSorted(([a], [b]) => compareText(a, b))
    return Object.fromEntries(sorted.map(([name, { content }]) => [name, this.resolve(content)]))
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
    const name = schema === walk.root && walk.open.has('#') ? undefined : toName(schema['title'])
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
    const text = JSON.stringify(schema)
    const key = `${name} ${text}${text.includes('"$ref":"#') ? JSON.stringify(walk.root['$defs'] ?? walk.root) : ''}`
    const known = this.#named.get(key)
    const named = known ?? new NamedSchema(name)
    named.uses++
    named.directions.add(walk.direction)
    if (known !== undefined) return named
    this.#named.set(key, named)
    const open = new Map(walk.open)
    if (pointer !== undefined) open.set(pointer, named)
    if (schema === walk.root) open.set('#', named)
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

function groupByName(all: Iterable<NamedSchema>): Map<string, NamedSchema[]> {
  const groups = new Map<string, NamedSchema[]>()
  for (const schema of all) groups.set(schema.name, [...(groups.get(schema.name) ?? []), schema])
  return groups
}

const target = 'draft-2020-12'

// By which libraries take what has no JSON Schema for anything: zod, valibot.
const lenient = { unrepresentable: 'any', errorMode: 'ignore' }

function convert({ '~standard': standard }: DocumentedSchema, direction: Direction): Json {
  const { jsonSchema } = standard
  if (jsonSchema === undefined) return {}
  for (const options of [{ target }, { target, libraryOptions: lenient }] as const) {
    try {
      return readRoot(jsonSchema[direction](options))
    } catch {
      // Of a schema that can't be told, as of a transform, nothing is.
    }
  }
  return {}
}

/** Returns a JSON Schema whose root refers to itself in one way alone. */
function readRoot(schema: unknown): Json {
  return isJson(schema) ? schema : {}
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the schema that a pointer within a document leads to (RFC 6901). */
function readPointer(root: Json, pointer: string): unknown {
  const steps = decodeURIComponent(pointer).split('/').slice(1)
  return steps.reduce<unknown>((value, step) => {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? (value as Record<string, unknown>)[name]
      : undefined
  }, root)
}

/** Returns the name of a definition. Those that a library has numbered have none but their title. */
function nameOf(pointer: string, schema: Json): string {
  const [, key] = /^#\/\$defs\/([^/]+)$/.exec(pointer) ?? []
  const isGiven = key !== undefined && !key.startsWith('__')
  return (isGiven ? toName(decodeURIComponent(key)) : undefined) ?? toName(schema['title']) ?? 'Schema'
}

/** Returns a text as the name of a component: `ABook` for `A book`. */
function toName(title: unknown): string | undefined {
  if (typeof title !== 'string') return undefined
  const [first, ...others] = title.match(/[A-Za-z0-9._-]+/g) ?? []
  return first && first + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

interface ObjectParts {
  readonly properties: Json
  readonly required: ReadonlySet<string>
  readonly isOpen: boolean
}

/** Returns the properties of an object, also of one that consists of several. */
function readObject(schema: Json, root: Json, depth = 0): ObjectParts {
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
    properties: Object.assign({}, ...parts.map((part) => part.properties), isJson(properties) ? properties : {}) as Json,
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
