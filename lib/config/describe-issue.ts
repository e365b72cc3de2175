import type { StandardSchemaV1 } from '@standard-schema/spec'

/** What the issues of zod, valibot and ArkType have besides message and path. */
interface VendorIssue extends StandardSchemaV1.Issue {
  /** zod and ArkType. */
  readonly code?: unknown
  /** zod: what is unknown. */
  readonly keys?: readonly string[]
  /** zod: what each schema of a union says. */
  readonly errors?: readonly (readonly VendorIssue[])[]
  /** valibot: `schema` for a wrong type, `validation` for a wrong value. */
  readonly kind?: unknown
  readonly expected?: unknown
  /** ArkType: the message without the path. */
  readonly problem?: unknown
}

const types: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  integer: 'an integer',
  boolean: 'true or false',
  object: 'an object',
  strict_object: 'an object',
  record: 'an object',
  array: 'an array',
  tuple: 'an array',
  date: 'a date',
  null: 'null',
}

/** Lists the keys that an issue reports as unknown, with the names before them; none if it reports something else. */
export function unknownKeysOf(issue: StandardSchemaV1.Issue): readonly (readonly string[])[] {
  const { code, keys, kind, expected } = issue as VendorIssue
  const path = pathOf(issue)
  if (code === 'unrecognized_keys') return (keys ?? []).map((key) => [...path, key])
  const isUnknown = (kind === 'schema' && expected === 'never') || (code === 'predicate' && expected === 'removed')
  return isUnknown ? [path] : []
}

/** Whether an issue is about the type of a value, not about which value of that type it is. */
export function isTypeIssue(issue: StandardSchemaV1.Issue): boolean {
  const { code, kind } = issue as VendorIssue
  return kind === 'schema' || ['invalid_type', 'invalid_union', 'domain', 'union'].includes(code as string)
}

/** Whether an issue says that a truth value is no help: the schemas that make numbers of everything would make 1 of `true`. */
export function isAboutNumber(issue: StandardSchemaV1.Issue): boolean {
  return ['number', 'int', 'bigint', 'date'].includes((issue as VendorIssue).expected as string)
}

/**
 * Returns what an issue says of the type of a value, in one voice for all libraries; `undefined` for issues about anything else.
 *
 * @param value what was checked; `undefined` if it is missing
 */
export function describeTypeIssue(issue: StandardSchemaV1.Issue, value: unknown): string | undefined {
  const expected = expectedType(issue)
  if (expected !== undefined)
    return value === undefined ? `is required: ${expected}` : `must be ${expected}, got ${describeType(value)}`
  const isMissing = value === undefined && /^Invalid key: Expected .* but received undefined$/.test(issue.message)
  return isMissing ? 'is required' : undefined
}

/** Returns the message of an issue without its path. */
export function messageOf(issue: StandardSchemaV1.Issue): string {
  const { problem } = issue as VendorIssue
  return typeof problem === 'string' ? problem : issue.message
}

/** Returns the path of an issue as names. */
export function pathOf({ path = [] }: StandardSchemaV1.Issue): readonly string[] {
  return path.map((step) => String(typeof step === 'object' ? step.key : step))
}

/** Returns what a value of the expected type is, if the issue is about that and has no message of the application. */
function expectedType(issue: StandardSchemaV1.Issue): string | undefined {
  const { code, errors, expected, message, problem } = issue as VendorIssue
  if (code === 'invalid_union' && message === 'Invalid input') return expectedOf(errors ?? [])
  if (/^Invalid (?:input: expected \w+, received|type: Expected \w+ but received) /.test(message))
    return types[String(expected)] ?? String(expected)
  // Such as `must be a number (was a string)`.
  const [, type] = /^must be (an? \w+) \(was (?:missing|an? \w+)\)$/.exec(String(problem)) ?? []
  return type
}

/** Joins what the schemas of a union expect, if each is about the value itself. */
function expectedOf(errors: readonly (readonly VendorIssue[])[]): string | undefined {
  const all = errors.map(([issue]) =>
    issue === undefined || pathOf(issue).length > 0 ? undefined : expectedType(issue),
  )
  return all.length === 0 || all.includes(undefined) ? undefined : [...new Set(all)].join(' or ')
}

/** Says of what type a value is, without the value. */
export function describeType(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (value === '') return 'an empty string'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'boolean') return String(value)
  return types[typeof value] ?? `a ${typeof value}`
}
