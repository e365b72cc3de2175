import { HttpError } from '../../base/http-error.ts'
import { createDecoder, decodeWith, parseContentType } from '../body/content-type.ts'

/** What the head of a part says (RFC 7578, section 4). */
export interface PartHead {
  readonly name: string
  /** `undefined` for a field. */
  readonly filename: string | undefined
  /** Media type without parameters, in lower case; `text/plain` by default. */
  readonly type: string
  readonly charset: string | undefined
}

const MAX_FIELDS = 50

/**
 * Parses the head of a part: the padding after its boundary and its header fields, a character for each byte.
 *
 * @throws HttpError 400 for a head that can't be read in one way, 413 for more than 50 fields, 415 for an encoding or charset
 * that isn't supported
 */
export function parsePartHead(head: string): PartHead {
  const fields = parseFields(head)
  const coding = fields.get('content-transfer-encoding') ?? 'binary'
  if (!/^(?:7bit|8bit|binary)$/i.test(coding))
    throw new HttpError(415, 'The form has a part with a Content-Transfer-Encoding')
  const parameters = parseDisposition(fields.get('content-disposition'))
  const name = readParameter(parameters, 'name')
  if (name === undefined) throw new HttpError(400, 'The form has a part without a name')
  const type = fields.get('content-type') ?? ''
  return {
    name,
    filename: readParameter(parameters, 'filename'),
    type: (type.split(';', 1)[0] as string).trim().toLowerCase() || 'text/plain',
    charset: parseContentType(type).charset,
  }
}

function parseFields(head: string): Map<string, string> {
  // A line that begins with a blank continues the one before (RFC 5322, section 2.2.3).
  const [padding, ...lines] = head.replace(/\r\n(?=[ \t])/g, '').split('\r\n')
  if (/[^ \t]/.test(padding as string))
    throw new HttpError(400, 'The form has a boundary that is followed by other text')
  if (lines.length > MAX_FIELDS)
    throw new HttpError(413, `The form has a part with more than ${MAX_FIELDS} header fields`)
  const fields = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = /^([\w!#$%&'*+\-.^`|~]+):([^\0\r\n]*)$/.exec(line) ?? []
    if (name === '') throw new HttpError(400, 'The form has a part with a header field that can not be read')
    setOnce(fields, name, value.trim())
  }
  return fields
}

/** Parses Content-Disposition (RFC 6266, section 4.1), with blanks where browsers and libraries allow them. */
function parseDisposition(field = ''): Map<string, string> {
  const [kind] = field.split(';', 1) as [string]
  if (kind.trim().toLowerCase() !== 'form-data')
    throw new HttpError(400, 'The form has a part without "Content-Disposition: form-data"')
  const parameter = /[ \t]*;[ \t]*(?:([^\s;="]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;"]*)))?[ \t]*/y
  const parameters = new Map<string, string>()
  for (let at = kind.length; at < field.length; at = parameter.lastIndex) {
    parameter.lastIndex = at
    const found = parameter.exec(field)
    if (found === null) throw new HttpError(400, 'The form has a Content-Disposition that can not be read')
    const [, name, quoted, plain = ''] = found
    // Other backslashes are those of a path, as old browsers send it.
    if (name !== undefined) setOnce(parameters, name, quoted?.replace(/\\(["\\])/g, '$1') ?? plain.trim())
  }
  return parameters
}

/** Sets what comes once: of two, another reader may take the other. */
function setOnce(values: Map<string, string>, name: string, value: string): void {
  const key = name.toLowerCase()
  const isRead = /^content-|^(?:file)?name\b/.test(key)
  if (isRead && values.has(key)) throw new HttpError(400, `The form has a part with more than one ${key}`)
  // RFC 2231, section 3: a value in several parameters.
  if (/^(?:file)?name\*./.test(key)) throw new HttpError(400, 'The form has a part with a name in several pieces')
  values.set(key, value)
}

/** The value of a parameter; the extended form takes precedence over the plain one (RFC 6266, section 4.3). */
function readParameter(parameters: Map<string, string>, name: string): string | undefined {
  const extended = parameters.get(`${name}*`)
  if (extended !== undefined) return decodeExtended(extended)
  const plain = parameters.get(name)
  return plain === undefined ? undefined : decodeName(plain, 'utf-8')
}

/** Decodes a value such as `UTF-8''%e2%82%ac` (RFC 8187, section 3.2.1). */
function decodeExtended(value: string): string {
  const [, charset, escaped = ''] = /^([^']+)'[^']*'((?:[^%]|%[\da-f]{2})*)$/i.exec(value) ?? []
  if (charset === undefined) throw new HttpError(400, 'The form has a part with an extended name that can not be read')
  const unescaped = escaped.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return decodeName(unescaped, charset)
}

function decodeName(bytes: string, charset: string): string {
  const decoder = createDecoder(charset, { ignoreBOM: true, of: 'a name in the form' })
  return decodeWith(decoder, Buffer.from(bytes, 'latin1'), 'A name in the form')
}
