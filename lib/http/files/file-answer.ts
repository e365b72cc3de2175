import type { Stats } from 'node:fs'
import { open } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { basename, dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { onDemand } from '../../base/on-demand.ts'
import type { ReadFileOptions } from './file-options.ts'
import { ifPresent, type Located } from './locate-file.ts'

/** What a request says about how it wants a file. */
export interface FileRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** Whether ranges and conditions count: for GET and HEAD, unless the file explains an error. */
  readonly isConditional: boolean
}

/** What answers a request for a file. */
export interface FileAnswer {
  /** 200, 206, 304, 412 or 416. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** How many bytes go out, or would if this weren't HEAD. */
  readonly length: number
  /** Holds an open file; its owner must destroy it. Left out if nothing is to be read. */
  readonly content?: Readable
}

const library = onDemand<typeof import('@fastify/send')>('@fastify/send', () => require('@fastify/send'))

type Sent = Awaited<ReturnType<(typeof import('@fastify/send'))['send']>>
type SentFile = Extract<Sent, { type: 'file' }>

const MAX_ATTEMPTS = 3

/**
 * Decides how a file is answered (RFC 9110, section 13 and 14) and opens it.
 *
 * Several ranges at once are answered with the whole file.
 *
 * @returns `undefined` where the file is gone meanwhile
 */
export async function createFileAnswer(
  request: FileRequest,
  file: Located,
  options: ReadFileOptions,
): Promise<FileAnswer | undefined> {
  if (request.isConditional && !matchesStrongly(request.headers)) return { status: 412, headers: {}, length: 0 }
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const sent = await askSend(request, file)
    if (sent.type === 'directory' || sent.statusCode === 404) return undefined
    if (sent.type === 'error') return refuse(sent)
    const answer = describe(sent, file, options)
    if (request.method === 'HEAD' || answer.length === 0) return answer
    const content = await openSame(sent, answer.length)
    if (content !== undefined) return { ...answer, content }
  }
  throw new Error(`${file.path} changes faster than it can be read`)
}

/** Lets the library decide as for HEAD: else it would open the file before it is known whether it will be read. */
function askSend(request: FileRequest, file: Located): Promise<Sent> {
  const head = { method: 'HEAD', headers: chooseHeaders(request, file) } as unknown as Readable
  // It takes paths as they come on the wire; this one has been decoded.
  return library().send(head, '/' + encodeURIComponent(basename(file.path)), {
    root: dirname(file.path),
    dotfiles: 'allow',
    index: false,
    cacheControl: false,
    contentType: false,
  })
}

/**
 * Whether If-Match lets the request pass. It compares strongly (RFC 9110, section 13.1.1), and the tags of files are weak:
 * only `*` matches.
 */
function matchesStrongly({ 'if-match': tags }: IncomingHttpHeaders): boolean {
  return tags === undefined || tags === '' || tags === '*'
}

/** The fields that count: with If-Match, no If-Unmodified-Since (RFC 9110, section 13.1.4); a range for GET alone (14.2). */
function chooseHeaders({ method, headers, isConditional }: FileRequest, { stats }: Located): IncomingHttpHeaders {
  if (!isConditional) return {}
  const { range, ...others } = headers
  if (others['if-match']) delete others['if-unmodified-since']
  if (method !== 'GET' || range === undefined || !isRange(range) || !isSameVersion(headers, stats)) return others
  const suffix = Number(/^ *bytes= *-(\d+) *$/.exec(range)?.[1] ?? 0)
  // The last so many bytes of a shorter file are all of it (section 14.1.2); the library would refuse them.
  return { ...others, range: suffix > stats.size && stats.size > 0 ? 'bytes=0-' : range }
}

/** Whether a Range field is one of RFC 9110, section 14.1.2. The library takes numbers such as `1e1` for others. */
function isRange(range: string): boolean {
  const [unit, set, ...rest] = range.split('=')
  if (unit !== 'bytes' || set === undefined || rest.length > 0) return false
  return set.split(',').every((part) => /^(?:\d+-\d*|-\d+)$/.test(part.trim()))
}

/**
 * Whether If-Range lets a range through (RFC 9110, section 13.1.5): a date must be that of Last-Modified exactly; a tag is
 * compared strongly, so that the weak one of a file never matches.
 */
function isSameVersion({ 'if-range': version }: IncomingHttpHeaders, { mtime }: Stats): boolean {
  return version === undefined || Date.parse(String(version)) === Date.parse(mtime.toUTCString())
}

function refuse({ statusCode, headers, metadata }: Extract<Sent, { type: 'error' }>): FileAnswer {
  if (statusCode !== 412 && statusCode !== 416) throw metadata.error
  const range = headers['Content-Range']
  return { status: statusCode, headers: range === undefined ? {} : { 'Content-Range': range }, length: 0 }
}

function describe({ statusCode, headers }: SentFile, file: Located, options: ReadFileOptions): FileAnswer {
  const { mime, isUtf8MimeType } = library()
  const type = mime.getType(file.name) ?? 'application/octet-stream'
  const { 'Content-Length': length = '0', ...others } = headers
  return {
    status: statusCode,
    headers: {
      ...others,
      'Cache-Control': `public, max-age=${options.maxAge}${options.immutable ? ', immutable' : ''}`,
      ...(statusCode !== 304 && { 'Content-Type': isUtf8MimeType(type) ? `${type}; charset=utf-8` : type }),
    },
    length: Number(length),
  }
}

/** Opens the file that was decided on; `undefined` where another has taken its place, or other content, since then. */
async function openSame({ headers, metadata }: SentFile, length: number): Promise<Readable | undefined> {
  const { path, stat } = metadata
  const handle = await ifPresent(() => open(path))
  if (handle === undefined) return undefined
  const now = await handle.stat()
  if (now.ino !== stat.ino || now.size !== stat.size || now.mtimeMs !== stat.mtimeMs) {
    await handle.close()
    return undefined
  }
  const start = Number(/^bytes (\d+)-/.exec(headers['Content-Range'] ?? '')?.[1] ?? 0)
  return handle.createReadStream({ start, end: start + length - 1 })
}
