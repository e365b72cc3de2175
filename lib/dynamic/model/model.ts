import { isObject, parsePattern, printValue, type Steps, suggestName } from '../../kit.ts'
import { internalServices } from '../services/internal.ts'
import { joinPath } from './issue-of.ts'
import type { Kind } from './kind.ts'
import { middlewareKinds } from './middleware-table.ts'
import { Part, type PartType } from './part.ts'
import { readPart } from './read-part.ts'
import { findReferences, type Reference } from './reference.ts'
import type { ReadRoute } from './route-table.ts'
import type { ConfigurationIssue } from '../../index.ts'

/** What the documents of all providers say, and what is wrong with them. */
export class Model {
  readonly documents: ReadonlyMap<string, object>
  /** By name of the provider, what isn't in a part. */
  readonly errors: Map<string, ConfigurationIssue[]> = new Map()
  /** The named parts in the order of the documents. */
  readonly parts: Part[] = []
  /** The parts that refer to each, in that order. */
  readonly users: Map<Part, Set<Part>> = new Map()
  /** Those that are written in place of a name, by the named part around. */
  readonly inlines: Map<Part, Part[]> = new Map()
  /** What the layer of each provider is made of: the same where nothing has changed. */
  readonly signatures: Map<string, string> = new Map()
  readonly #provided: ReadonlyMap<string, Kind>
  /** By type and qualified name. */
  readonly #named = new Map<string, Part>(
    Object.entries(internalServices).map(([name, handler]) => [
      `services ${name}@internal`,
      createInternal(name, handler),
    ]),
  )

  private constructor(documents: ReadonlyMap<string, object>, provided: ReadonlyMap<string, Kind>) {
    this.documents = documents
    this.#provided = provided
  }

  /** Reads documents. @param provided the kinds of middlewares that code gave names to */
  static *read(documents: ReadonlyMap<string, object>, provided: ReadonlyMap<string, Kind>): Steps<Model> {
    const model = new Model(documents, provided)
    for (const [provider, document] of documents) model.#readDocument(provider, document)
    for (const part of model.parts) {
      model.#read(part)
      yield
    }
    findCycles(model.parts)
    for (const part of model.parts) if (part.place.type === 'routes') warnOfRetry(part)
    yield* model.#sign()
    return model
  }

  /** All parts, each followed by those that are written in it. */
  get all(): Part[] {
    return this.parts.flatMap((part) => this.withInlines(part))
  }

  /** Lists the parts of a provider, each followed by those that are written in it. */
  partsOf(provider: string): Part[] {
    return this.parts.filter(({ place }) => place.provider === provider).flatMap((part) => this.withInlines(part))
  }

  /** Returns a named part and those that are written in it. */
  withInlines(part: Part): Part[] {
    return [part, ...(this.inlines.get(part) ?? [])]
  }

  get hasErrors(): boolean {
    return this.errors.size > 0 || this.all.some(({ errors }) => errors.length > 0)
  }

  #readDocument(provider: string, document: object): void {
    const errors: ConfigurationIssue[] = []
    for (const [type, parts] of Object.entries(document)) {
      if (type === '$schema') continue
      if (!isType(type)) {
        const advice = suggestName(type, types) || '.'
        errors.push({ path: type, message: `is not known${advice} Known are ${types.join(', ')}` })
      } else if (!isObject(parts))
        errors.push({ path: type, message: `must be an object of ${type} by name, got ${printValue(parts)}` })
      else for (const [name, given] of Object.entries(parts)) this.#add(provider, type, name, given)
    }
    if (errors.length > 0) this.errors.set(provider, errors)
  }

  #add(provider: string, type: PartType, name: string, given: unknown): void {
    const part = new Part({ type, name, provider, path: `${type}.${name}` }, given)
    if (name === '' || name.includes('@'))
      part.errors.push({ path: part.place.path, message: 'must have a name that is not empty and has no "@"' })
    this.parts.push(part)
    this.#named.set(`${type} ${name}@${provider}`, part)
  }

  #read(part: Part): void {
    readPart(part, this.#provided)
    if (part.place.type === 'routes') readPattern(part)
    for (const reference of findReferences(part.read)) {
      const target = this.#resolve(part, reference)
      if (target !== undefined) part.targets.set(reference, target)
    }
  }

  #resolve(part: Part, { type, target, place }: Reference): Part | undefined {
    const { provider, path, owner = part } = part.place
    const at = joinPath(path, place)
    if (typeof target !== 'string') {
      const inline = new Part({ type, name: '', provider, path: at, owner }, target)
      this.inlines.set(owner, [...(this.inlines.get(owner) ?? []), inline])
      this.#read(inline)
      return inline
    }
    const qualified = target.includes('@') ? target : `${target}@${provider}`
    const found = this.#named.get(`${type} ${qualified}`)
    if (found === undefined) part.errors.push({ path: at, message: this.#tellMissing(type, target, provider) })
    else this.users.set(found, (this.users.get(found) ?? new Set()).add(owner))
    return found
  }

  /** What a part is made of may be in the document of another provider. */
  *#sign(): Steps<void> {
    const keys = new Map(Array.from(this.documents.keys(), (provider): [string, string[]] => [provider, []]))
    for (const { place, key } of this.parts) {
      keys.get(place.provider)?.push(key)
      yield
    }
    for (const [provider, own] of keys) this.signatures.set(provider, own.toSorted().join())
  }

  #tellMissing(type: PartType, target: string, provider: string): string {
    const own = `@${provider}`
    const known = [...this.#named.keys()]
      .filter((key) => key.startsWith(`${type} `))
      .map((key) => key.slice(type.length + 1))
    const names = known.map((name) => (name.endsWith(own) ? name.slice(0, -own.length) : name))
    const elsewhere = known.find((name) => name.startsWith(`${target}@`))
    const advice = elsewhere === undefined ? suggestName(target, names) : `, did you mean "${elsewhere}"?`
    const missing = `there is no ${type.slice(0, -1)} "${target}"`
    if (type === 'middlewares' && middlewareKinds.has(target)) return `${missing}: that of tribind is { ${target}: … }`
    return missing + advice
  }
}

const types = ['routes', 'services', 'middlewares'] as const

function isType(type: string): type is PartType {
  return types.includes(type as PartType)
}

function createInternal(name: string, handler: object): Part {
  const part = new Part({ type: 'services', name, provider: 'internal', path: `services.${name}` }, {})
  part.kind = { name, table: { parse: () => ({}), jsonSchema: () => ({}) }, create: () => handler, isOthers: true }
  return part
}

function readPattern(route: Part): void {
  const { pattern } = route.read as Partial<ReadRoute>
  if (typeof pattern !== 'string') return
  try {
    route.pattern = parsePattern(pattern)
  } catch (error) {
    route.errors.push({ path: `${route.place.path}.pattern`, message: (error as Error).message })
  }
}

/** Notes each reference that closes a cycle, and takes it away. */
function findCycles(parts: readonly Part[]): void {
  const done = new Set<Part>()
  const under: Part[] = []
  const visit = (part: Part) => {
    if (done.has(part)) return
    under.push(part)
    for (const [{ place }, target] of part.targets)
      if (under.includes(target)) breakCycle(part, place, under.slice(under.indexOf(target)))
    for (const target of part.targets.values()) visit(target)
    under.pop()
    done.add(part)
  }
  for (const part of parts) visit(part)
}

function breakCycle(part: Part, place: string, cycle: readonly Part[]): void {
  for (const reference of part.targets.keys()) if (reference.place === place) part.targets.delete(reference)
  const names = [...cycle, cycle[0] as Part].filter(({ place: { name } }) => name !== '').map(({ place }) => place.name)
  part.errors.push({
    path: joinPath(part.place.path, place),
    message: `must not lead back to itself: ${names.join(' → ')}`,
  })
}

/** The kinds of services that never answer as if they weren't there. */
const alwaysThere: ReadonlySet<string | undefined> = new Set(['text', 'json', 'redirect', 'static'])

/** Notes a `retry` on a route whose service can't fail in the way that it is for. */
function warnOfRetry(route: Part): void {
  const { service: reference, middlewares = [] } = route.read as Partial<ReadRoute>
  const service = reference && route.targets.get(reference)
  if (service === undefined || route.isBroken || !leavesOf(service).every(({ kind }) => alwaysThere.has(kind?.name)))
    return
  for (const [i, middleware] of middlewares.entries()) {
    const target = route.targets.get(middleware)
    if (target === undefined || !leavesOf(target).some(({ kind }) => kind?.name === 'retry')) continue
    route.warnings.push({
      path: `${route.place.path}.middlewares.${i}`,
      message: 'has no effect: "retry" tries again what answered 502, 503 or 504, which this service never does',
    })
  }
}

/** Lists the parts that a service or a chain leads to in the end. */
function leavesOf(part: Part): Part[] {
  const isLeaf = part.targets.size === 0 || part.kind?.name === 'errorPages'
  return isLeaf ? [part] : [...part.targets.values()].flatMap(leavesOf)
}
