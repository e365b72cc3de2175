import type { Readable } from 'node:stream'
import { HttpError } from '../../base/http-error.ts'
import { ignoreRejection } from '../../base/in-turn.ts'
import { ObservedPromise } from '../../base/observed-promise.ts'
import type { Source } from '../output/send-response.ts'
import type { ResponseCore } from '../response-core.ts'
import { decideAnswer, type FileAnswer } from './decide-answer.ts'
import { describeFile, type FileFacts } from './file-facts.ts'
import { cacheControlOf, type FileOptions, fileOptions } from './file-options.ts'
import { locateFile } from './locate-file.ts'
import { readContent } from './read-content.ts'

/** A file that is to be served. */
export interface WantedFile {
  readonly cacheControl: string
  /** Header fields for when it is served, whole or in part. */
  readonly extra?: Readonly<Record<string, string>>
  /** Finds it; called again where it has changed before it could be read. */
  locate(): Promise<FileFacts | undefined>
}

const MAX_ATTEMPTS = 3

/**
 * Returns a file that the application names by its path.
 *
 * @throws ResponseError naming an option that doesn't exist or has a wrong value
 */
export function wantFile(path: string, given: FileOptions): WantedFile {
  const options = fileOptions.parse(given)
  return {
    cacheControl: cacheControlOf(options),
    locate: async () => describeFile(await locateFile(path, options)),
  }
}

/**
 * Serves a file in place of what was written, unless something else replaces the body before the file is open.
 *
 * @param want what it throws, the promise rejects with
 * @throws HttpError 404 where `locate` finds no file
 */
export function serveFile(response: ResponseCore, want: () => WantedFile): Promise<void> {
  const opening: Source = { stream: undefined, length: 0, takeBack() {} }
  const work: ObservedPromise = new ObservedPromise({
    begin: async () => {
      const apply = await prepare(response, want())
      if (response.pending === pending) apply()
    },
    // Before the promise settles: code that catches a failure may write.
    ended() {
      if (response.source === opening) response.source = undefined
    },
  })
  // One that fails stays pending: the next step takes the failure, however late that is.
  const pending = work.ended().then(() => {
    if (response.pending === pending) response.pending = undefined
  })
  response.begin(ignoreRejection(pending), opening)
  return work
}

/** Serves a file at once, in place of what was written. Returns false where something is to be read for that. */
export function serveAtOnce(response: ResponseCore, file: FileFacts, cacheControl: string): boolean {
  if (isExplanation(response)) return false
  const answer = decide(response, file)
  const bytes = needsContent(response, answer) ? file.memory?.bytes : undefined
  if (bytes === undefined && needsContent(response, answer)) return false
  response.clear()
  apply(response, file, answer, bytes?.subarray(answer.start, answer.start + answer.length), { cacheControl })
  return true
}

/** Opens the file and returns what makes it the response. A status other than 200 that was set stays: the file explains it. */
async function prepare(response: ResponseCore, wanted: WantedFile): Promise<() => void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const file = await wanted.locate()
    if (file === undefined) throw new HttpError(404, undefined, { failure: 'ERR_TRIBIND_FILE_NOT_FOUND' })
    const answer = decide(response, file)
    if (!needsContent(response, answer)) return () => apply(response, file, answer, undefined, wanted)
    const content = await readContent(file, answer.start, answer.length)
    if (content === undefined) continue
    if (!Buffer.isBuffer(content)) hold(response, content)
    return () => apply(response, file, answer, content, wanted)
  }
  throw new Error('the file changes faster than it can be read')
}

function hold({ raw, request }: ResponseCore, content: Readable): void {
  // A client that has left is past the release of what its request held.
  if (raw.destroyed) content.destroy()
  else request.onRelease(() => content.destroy())
}

function decide(response: ResponseCore, file: FileFacts): FileAnswer {
  const { method, headers } = response.request
  const isConditional = !isExplanation(response) && (method === 'GET' || method === 'HEAD')
  return decideAnswer({ method, headers, isConditional }, file)
}

function isExplanation({ status }: ResponseCore): boolean {
  return status !== 0 && status !== 200
}

function needsContent({ request }: ResponseCore, { length }: FileAnswer): boolean {
  return length > 0 && request.method !== 'HEAD'
}

function apply(
  response: ResponseCore,
  file: FileFacts,
  answer: FileAnswer,
  content: Buffer | Readable | undefined,
  { cacheControl, extra }: Pick<WantedFile, 'cacheControl' | 'extra'>,
): void {
  const { status: before } = response
  const explains = isExplanation(response)
  if (answer.status >= 400) response.fail(answer.status)
  const status = explains ? before : answer.status
  response.status = status
  const fields: [name: string, value: string][] = []
  const set = (name: string, value: string) => {
    response.setHeader(name, value)
    fields.push([name, value])
  }
  // An error must not be taken for a version of the file.
  if (!explains) setVersion(set, file, answer)
  if (answer.status < 400 && !response.fields?.has('Cache-Control')) set('Cache-Control', cacheControl)
  if (answer.status < 300 && !response.fields?.has('Content-Type')) set('Content-Type', file.type)
  // Whatever it explains, its bytes are what they are.
  if (answer.status < 300 && file.coding !== undefined) set('Content-Encoding', file.coding)
  if (status < 300) for (const [name, value] of Object.entries(extra ?? {})) set(name, value)
  if (answer.status >= 400) return
  const takeBack = () => {
    for (const [name, value] of fields) if (response.fields?.get(name) === value) response.removeHeader(name)
    if (response.status === status) response.status = before
  }
  const [stream, bytes] = Buffer.isBuffer(content) ? [undefined, content] : [content, undefined]
  response.source = { stream, bytes, length: answer.length, takeBack }
}

/** Sets what tells versions and parts of a file apart. */
function setVersion(
  set: (name: string, value: string) => void,
  file: FileFacts,
  { status, contentRange }: FileAnswer,
): void {
  if (contentRange !== undefined) set('Content-Range', contentRange)
  if (status >= 400) return
  set('Accept-Ranges', 'bytes')
  if (file.lastModified !== undefined) set('Last-Modified', file.lastModified)
  set('ETag', file.etag)
}
