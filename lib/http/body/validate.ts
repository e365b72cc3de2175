import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { LanguageCarrier } from '../choose-language.ts'
import { tellIssues } from '../tell-issues.ts'
import { ValidationError } from '../validation-error.ts'

/**
 * Checks an input with any Standard Schema validator and returns the validator's output.
 *
 * @throws ValidationError with the issues, in the language of the request
 */
export async function validate<Schema extends StandardSchemaV1>(
  schema: Schema,
  input: unknown,
  carrier: LanguageCarrier,
): Promise<StandardSchemaV1.InferOutput<Schema>> {
  const result = await schema['~standard'].validate(input)
  if (result.issues !== undefined) throw new ValidationError(tellIssues(result.issues, carrier))
  return result.value as StandardSchemaV1.InferOutput<Schema>
}

/**
 * Lays parameters over a body over a query. The object inherits nothing, and no name in it is `__proto__`.
 *
 * A body that isn't an object, such as an array, is the input by itself.
 */
export function mergeInput(params: object, body: unknown, query: object): unknown {
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) return body
  const input: Record<string, unknown> = Object.create(null)
  for (const source of [query, body ?? {}, params]) {
    for (const [name, value] of Object.entries(source)) if (name !== '__proto__') input[name] = value
  }
  return input
}
