import type { Readable } from 'node:stream'
import type { BusboyFileStream, BusboyInstance } from '@fastify/busboy'
import { HttpError } from '../../base/http-error.ts'
import { Form, tooLarge, tooMany } from './form.ts'
import { UploadFile } from './upload-file.ts'
import type { UploadFolder } from './upload-folder.ts'
import type { UploadLimits } from './upload-limits.ts'

const MAX_PART_HEAD_BYTES = 16 * 1024
const MAX_PART_FIELDS = 50
/** Parts that are neither fields nor files, because nobody can read their head. */
const MAX_STRAY_PARTS = 100

/**
 * Reads `multipart/form-data` (RFC 7578); its files go to the folder as they come in.
 *
 * @throws HttpError 413 naming the limit that is passed, 400 for what can't be read; what the source failed with
 */
export async function parseMultipart(
  source: Readable,
  boundary: string | undefined,
  limits: UploadLimits,
  folder: UploadFolder,
): Promise<Form> {
  const parser = await createParser(boundary, limits)
  const form = new Form(limits)
  const files: Promise<UploadFile | undefined>[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      const guard = guardWith(reject)
      parser
        .on(
          'field',
          guard((name, value, _nameTruncated, isTruncated) => {
            if (isTruncated) throw tooLarge('field', limits.maxFieldSize)
            form.add(requireName(name), value)
          }),
        )
        .on(
          'file',
          guard((name, stream, filename, _encoding, type) => {
            form.checkName(requireName(name))
            stream.on('limit', () => reject(tooLarge('file', limits.maxFileSize)))
            const file = receiveFile(stream, { name, filename, type }, folder)
            // The first failure ends all; the others are of no interest.
            file.catch(reject)
            files.push(file)
          }),
        )
        .on('filesLimit', () => reject(tooMany('files', limits.maxFiles)))
        .on('fieldsLimit', () => reject(tooMany('fields', limits.maxFields)))
        .on('partsLimit', () => reject(tooMany('parts', limits.maxFields + limits.maxFiles)))
        .on('error', () => reject(new HttpError(400, 'The form can not be read')))
        .on('finish', resolve)
      // It may have failed while the parser was loaded.
      if (source.errored) return reject(source.errored)
      source
        .on('error', reject)
        .on('close', () => source.readableEnded || reject(new HttpError(400, 'The form was not read to its end')))
        .pipe(parser)
    })
    for (const file of await Promise.all(files)) if (file !== undefined) form.files.push(file)
    return form
  } catch (error) {
    source.unpipe(parser)
    parser.destroy()
    await folder.stop()
    throw error
  }
}

/** Makes what a listener throws a rejection: thrown out of a parser, it would end the process. */
function guardWith(reject: (error: unknown) => void) {
  return <Args extends unknown[]>(listener: (...args: Args) => void) =>
    (...args: Args): void => {
      try {
        listener(...args)
      } catch (error) {
        reject(error)
      }
    }
}

async function createParser(boundary: string | undefined, limits: UploadLimits): Promise<BusboyInstance> {
  // RFC 2046, section 5.1.1.
  if (boundary === undefined || !/^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/.test(boundary)) {
    throw new HttpError(400, 'The form has no boundary, or none that is allowed')
  }
  // Loaded by the first form of this kind, not by the package.
  const { Busboy } = await import('@fastify/busboy')
  return new Busboy({
    headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
    // The name alone makes a file (HTML standard, multipart form data); some fields have a type too.
    isPartAFile: (_name, _type, filename) => filename !== undefined,
    preservePath: true,
    limits: {
      files: limits.maxFiles,
      fileSize: limits.maxFileSize,
      fields: limits.maxFields,
      fieldSize: limits.maxFieldSize,
      parts: limits.maxFiles + limits.maxFields + MAX_STRAY_PARTS,
      headerPairs: MAX_PART_FIELDS,
      headerSize: MAX_PART_HEAD_BYTES,
    },
  })
}

// The types of the parser don't say that a part may come without.
function requireName(name: string | undefined): string {
  if (name === undefined) throw new HttpError(400, 'The form has a part without a name')
  return name
}

async function receiveFile(
  stream: BusboyFileStream,
  { name, filename, type }: { name: string; filename: string; type: string },
  folder: UploadFolder,
): Promise<UploadFile | undefined> {
  const path = await folder.write(stream)
  // What a browser sends for a file input in which nothing was chosen.
  if (filename === '' && stream.bytesRead === 0) return undefined
  return new UploadFile({ name, filename: toSafeFileName(filename), type, size: stream.bytesRead, path })
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
