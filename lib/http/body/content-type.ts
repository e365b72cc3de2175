import { MIMEType, TextDecoder } from 'node:util'
import { HttpError } from '../../base/http-error.ts'

/** A Content-Type field, read once and in one place (RFC 9110, section 8.3). */
export interface ContentType {
  /** Type and subtype, in lower case; `''` where the field is missing or can't be read. */
  readonly essence: string
  readonly charset: string | undefined
  readonly boundary: string | undefined
}

// Nearly all bodies of one server have the same type; one with a boundary is never the same twice.
let lastField = ''
let lastType: ContentType = { essence: '', charset: undefined, boundary: undefined }

export function parseContentType(field = ''): ContentType {
  if (field === lastField) return lastType
  const type = readContentType(field)
  if (type.boundary === undefined) [lastField, lastType] = [field, type]
  return type
}

function readContentType(field: string): ContentType {
  try {
    const { essence, params } = new MIMEType(field)
    return { essence, charset: params.get('charset') ?? undefined, boundary: params.get('boundary') ?? undefined }
  } catch {
    return { essence: '', charset: undefined, boundary: undefined }
  }
}

/** Whether it is JSON, or one of the types built on it (RFC 6839, section 3.1). */
export function isJsonType({ essence }: ContentType): boolean {
  return essence === 'application/json' || /^application\/[^/]+\+json$/.test(essence)
}

export function isUrlencodedType({ essence }: ContentType): boolean {
  return essence === 'application/x-www-form-urlencoded'
}

export function isMultipartType({ essence }: ContentType): boolean {
  return essence === 'multipart/form-data'
}

export function isFormType(type: ContentType): boolean {
  return isMultipartType(type) || isUrlencodedType(type)
}

/**
 * Decodes text by the labels of the WHATWG Encoding standard (latin1 is windows-1252 there); a byte order mark is dropped.
 *
 * @throws HttpError 415 for an unknown charset, 400 for bytes that are invalid in it
 */
export function decodeText(bytes: Uint8Array, charset?: string): string {
  return decodeWith(charset === undefined || /^utf-?8$/i.test(charset) ? utf8 : createDecoder(charset), bytes)
}

// To make one costs more than to decode a small body; it keeps nothing from one to the next.
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * @param options.of what is decoded, for the message
 * @throws HttpError 415 for a charset that the standard doesn't define
 */
export function createDecoder(charset: string, options: { ignoreBOM?: boolean; of?: string } = {}): TextDecoder {
  const { ignoreBOM = false, of = 'the body' } = options
  try {
    return new TextDecoder(charset, { ignoreBOM, fatal: true })
  } catch {
    throw new HttpError(415, `The charset of ${of} is not supported`, { failure: 'ERR_TRIBIND_BODY_CHARSET' })
  }
}

/**
 * @param what what is decoded, for the message
 * @throws HttpError 400 for bytes that are invalid in the charset
 */
export function decodeWith(decoder: TextDecoder, bytes: Uint8Array, what = 'The body'): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new HttpError(400, `${what} is not ${decoder.encoding}`, { failure: 'ERR_TRIBIND_BODY_TEXT' })
  }
}
