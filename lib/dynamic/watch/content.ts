import type { ConfigurationIssue } from '../../index.ts'
import { isPlain, printValue } from '../../kit.ts'
import { createHash } from 'node:crypto'
import { canonical } from '../canonical.ts'

/** As deep as values may lie in each other. */
const MAX_DEPTH = 100
/** How many values and keys a document may have; what YAML refers to twice counts twice. */
const MAX_VALUES = 1_000_000
/** How many characters its keys and texts may have together. */
const MAX_TEXT = 64 * 1024 * 1024
/** How many issues are told. */
const MAX_ISSUES = 100

const forbidden = new Set(['__proto__', 'constructor', 'prototype'])
const copies = new WeakSet<object>()

/** A document, or what is wrong with the value that should be one. */
type CopiedDocument =
  | { readonly document: object; readonly issues?: undefined }
  | { readonly document?: undefined; readonly issues: readonly ConfigurationIssue[] }

/**
 * Returns a deep copy of a document, frozen at all depths. Properties that are `undefined` are left out.
 *
 * **Security:** only what JSON can carry is copied, without the keys `__proto__`, `constructor` and `prototype`, and within limits: all else
 * are issues.
 */
function copyDocument(value: unknown): CopiedDocument {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return problem(`expected an object with routes, services or middlewares, got ${printValue(value)}`)
  if (copies.has(value)) return { document: value }
  const copying = new Copying()
  try {
    const document = copying.copy(value, '', 0) as object
    if (copying.issues.length > 0) return { issues: copying.issues }
    copies.add(document)
    return { document }
  } catch (error) {
    // What getters and proxies throw, and the limits.
    return problem(`the document can't be copied: ${error instanceof Error ? error.message : printValue(error)}`)
  }
}

function problem(message: string): CopiedDocument {
  return { issues: [{ path: '', message }] }
}

class Copying {
  readonly issues: ConfigurationIssue[] = []
  readonly #above = new Set<object>()
  #values = 0
  #text = 0

  copy(value: unknown, path: string, depth: number): unknown {
    if (++this.#values > MAX_VALUES) throw new Error(`it has more than ${MAX_VALUES} values`)
    if (typeof value === 'string') return this.#count(value)
    if (value === null || typeof value === 'boolean') return value
    if (typeof value === 'number' && Number.isFinite(value)) return value
    if (typeof value !== 'object') return this.#refuse(path, `expected what JSON can carry, got ${printValue(value)}`)
    if (this.#above.has(value)) return this.#refuse(path, 'the value contains itself')
    if (depth === MAX_DEPTH)
      return this.#refuse(path, `values may lie in each other ${MAX_DEPTH} deep, this lies deeper`)
    this.#above.add(value)
    const copied = Array.isArray(value) ? this.#copyArray(value, path, depth) : this.#copyObject(value, path, depth)
    this.#above.delete(value)
    return Object.freeze(copied)
  }

  #copyArray(value: readonly unknown[], path: string, depth: number): unknown[] {
    return Array.from(value, (element, i) => this.copy(element, `${path}[${i}]`, depth + 1))
  }

  #copyObject(value: object, path: string, depth: number): object | undefined {
    if (!isPlain(value))
      return this.#refuse(path, `expected what JSON can carry, got ${printValue(value)}: publish plain data`)
    const copied: [string, unknown][] = []
    for (const [key, part] of Object.entries(value)) {
      const place = path === '' ? key : `${path}.${key}`
      this.#count(key)
      if (forbidden.has(key)) this.#refuse(place, `the key "${key}" is forbidden: choose another name`)
      else if (part !== undefined) copied.push([key, this.copy(part, place, depth + 1)])
    }
    return Object.fromEntries(copied)
  }

  #count(text: string): string {
    this.#text += text.length
    if (this.#text > MAX_TEXT) throw new Error(`its texts have more than ${MAX_TEXT} characters`)
    return text
  }

  #refuse(path: string, message: string): undefined {
    if (this.issues.length < MAX_ISSUES) this.issues.push({ path, message })
  }
}

/** What a provider has published, or that it has nothing. */
export interface Content {
  /** Frozen; `undefined` for nothing. */
  readonly document: object | undefined
  /** The same for equal documents, whatever the order of their keys. */
  readonly key: string
  readonly revision: string | number | undefined
}

/** The content of a provider that has withdrawn, or hasn't published yet. */
export const nothing: Content = { document: undefined, key: '', revision: undefined }

const empty: readonly ConfigurationIssue[] = [
  {
    path: '',
    message: 'an empty configuration changes nothing: use withdraw() to take away all that the provider has',
  },
]

/** Reads what a provider published. `undefined`, `null` and `{}` are issues, as is all that can't be copied. */
export function readContent(
  configuration: unknown,
  revision?: string | number,
): { readonly content: Content } | { readonly issues: readonly ConfigurationIssue[] } {
  if (configuration === undefined || configuration === null) return { issues: empty }
  const { document, issues } = copyDocument(configuration)
  if (document === undefined) return { issues }
  if (Object.keys(document).length === 0) return { issues: empty }
  const key = createHash('sha256').update(canonical(document)).digest('base64')
  return { content: { document, key, revision } }
}
