import type { Readable } from 'node:stream'
import { HttpError } from '../../base/http-error.ts'
import { createDecoder, decodeWith, parseContentType } from '../body/content-type.ts'
import { Form, tooLarge } from './form.ts'
import { type PartHead, PartReader } from './part-reader.ts'
import { UploadFile } from './upload-file.ts'
import type { UploadFolder } from './upload-folder.ts'
import type { UploadLimits } from './upload-limits.ts'

/**
 * Reads `multipart/form-data` (RFC 7578). Its files go to the folder as they come in.
 *
 * @throws HttpError 413 naming the limit that is exceeded, 400 or 415 for what can't be read; what the source failed with
 */
export async function parseMultipart(
  source: Readable,
  boundary: string | undefined,
  limits: UploadLimits,
  folder: UploadFolder,
): Promise<Form> {
  const form = new Form(limits)
  const reader = new PartReader(source, checkBoundary(boundary))
  try {
    for (let head; (head = await reader.next()) !== undefined;) await readPart(head, reader.content(), form, folder)
    return form
  } catch (error) {
    await folder.stop()
    throw error
  }
}

/** RFC 2046, section 5.1.1. */
function checkBoundary(boundary = ''): string {
  if (/^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/.test(boundary)) return boundary
  throw new HttpError(400, 'The form has no boundary, or none that is allowed', { failure: 'ERR_TRIBIND_FORM_SYNTAX' })
}

async function readPart(
  { name, filename, type }: PartHead,
  content: AsyncIterable<Buffer>,
  form: Form,
  folder: UploadFolder,
): Promise<void> {
  const { maxFieldSize, maxFileSize } = form.limits
  form.checkName(name)
  if (filename === undefined) return form.add(name, await readText(limitSize(content, 'field', maxFieldSize), type))
  form.countFile()
  const { path, size } = await folder.write(limitSize(content, 'file', maxFileSize))
  // What a browser sends for a file input in which nothing was chosen.
  if (filename === '' && size === 0) return
  form.files.push(new UploadFile({ name, filename: toSafeFileName(filename), type: toMediaType(type), size, path }))
}

/** Without parameters, in lower case. What isn't a media type stays: the application decides what to make of it. */
function toMediaType(type: string): string {
  return (type.split(';', 1)[0] as string).trim().toLowerCase()
}

async function readText(content: AsyncIterable<Buffer>, type: string): Promise<string> {
  const { charset = 'utf-8' } = parseContentType(type)
  const decoder = createDecoder(charset, { ignoreBOM: true, of: 'a field' })
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(chunk)
  return decodeWith(decoder, Buffer.concat(chunks), 'A field of the form')
}

async function* limitSize(
  content: AsyncIterable<Buffer>,
  what: 'field' | 'file',
  maxBytes: number,
): AsyncGenerator<Buffer, void, void> {
  let size = 0
  for await (const chunk of content) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(what, maxBytes)
    yield chunk
  }
}

const MAX_BYTES = 255
// On Windows they are devices, whatever their extension.
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i

/**
 * Reduces what a client calls a file to a name that is safe in a folder of any system: never empty, `.` or `..`, without
 * separators and control characters, at most 255 bytes long. Its extension stays.
 */
export function toSafeFileName(given: string): string {
  const base = given.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  const name = trimTail(
    base
      // Control characters, and those that turn the direction of text and so hide an extension.
      .replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '')
      .replace(/[<>:"|?*]/g, '_')
      .replace(/^ +/, ''),
  )
  if (name === '') return 'file'
  return shorten(reserved.test(name) ? `_${name}` : name)
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= 32 ? name.slice(dot) : ''
  const stem = extension === '' ? name : name.slice(0, dot)
  const room = MAX_BYTES - Buffer.byteLength(extension)
  // Cut inside of a character, UTF-8 decodes to a replacement character.
  const cut = Buffer.from(stem)
    .subarray(0, room)
    .toString()
    .replace(/\ufffd+$/, '')
  return trimTail(cut) + extension
}

// Windows drops them. A regular expression for it takes quadratic time.
function trimTail(name: string): string {
  let end = name.length
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end--
  return name.slice(0, end)
}
