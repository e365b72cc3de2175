import type { Request } from '../index.ts'
import { isObject } from '../kit.ts'
import { invalid } from './problem.ts'

/** Reads the body, an object. No body is an empty one. @throws HttpError 400 for broken JSON; Problem 422 for any other value */
export async function readObject(request: Request): Promise<Record<string, unknown>> {
  const isEmpty = (await request.bytes()).length === 0
  return isEmpty ? {} : readDocument(request)
}

/** As `readObject`, but no body is broken JSON: by accident it would stand for an empty document. */
export async function readDocument(request: Request): Promise<Record<string, unknown>> {
  const value = await request.json()
  if (isObject(value)) return value as Record<string, unknown>
  throw invalid([
    {
      path: '',
      message: `expected a JSON object, got ${Array.isArray(value) ? 'an array' : JSON.stringify(value)?.slice(0, 60)}`,
    },
  ])
}
