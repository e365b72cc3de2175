import { ConfigError } from '../../../index.ts'
import { isObject, printValue } from '../../../kit.ts'

/** In bytes. */
export const MAX_DOCUMENT_SIZE: number = 8 * 1024 * 1024

/** Creates the error about a document that can't be taken. */
export function documentError(message: string, cause?: unknown): ConfigError {
  return new ConfigError(message, { failure: 'ERR_TRIBIND_STORE_DOCUMENT', cause })
}

/** Creates the error about a document that isn't there, nor perhaps the place for it. */
export function emptyError(message: string, cause?: unknown): ConfigError {
  return new ConfigError(message, { failure: 'ERR_TRIBIND_STORE_EMPTY', cause })
}

/** Whether an error is about what the store has, and not about the store. */
export function isDocumentError(error: unknown): error is ConfigError {
  return isEmptyError(error) || (error instanceof ConfigError && error.failure === 'ERR_TRIBIND_STORE_DOCUMENT')
}

export function isEmptyError(error: unknown): error is ConfigError {
  return error instanceof ConfigError && error.failure === 'ERR_TRIBIND_STORE_EMPTY'
}

/** @throws ConfigError for a document of more than 8 MiB */
export function checkDocumentSize(size: number): void {
  if (size <= MAX_DOCUMENT_SIZE) return
  throw documentError(`the document must have at most 8 MiB, and has ${(size / 1024 / 1024).toFixed(1)} MiB`)
}

/** Returns a document as text. @throws ConfigError for one that is too large, or isn't UTF-8 */
export function readText(document: string | Uint8Array): string {
  checkDocumentSize(Buffer.byteLength(document))
  if (typeof document === 'string') return document
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(document)
  } catch (error) {
    throw documentError('the document must be UTF-8, and has other bytes', error)
  }
}

/** Parses a document. @throws ConfigError for what isn't JSON, or isn't an object */
export function parseDocument(text: string): object {
  const value = parseJson(text)
  if (isObject(value)) return value
  throw documentError(
    `the document must be a JSON object with routes, services and middlewares, got ${describe(value)}`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw documentError(
      `the document must be JSON, and isn't${text.trim() === '' ? ': it is empty' : placeOf(error)}`,
      error,
    )
  }
}

/** Of the message of the engine, only the place: the rest is an excerpt, which may be a secret. */
function placeOf(error: unknown): string {
  const { message } = error as Error
  const [found] = /at position \d+(?: \(line \d+ column \d+\))?/.exec(message) ?? []
  if (found !== undefined) return ` ${found}`
  return message.includes('end of JSON') ? ': it ends too early' : ''
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'string' ? 'a string' : printValue(value)
}
