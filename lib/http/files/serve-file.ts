import { HttpError } from '../../base/http-error.ts'
import { ignoreRejection } from '../../base/in-turn.ts'
import { ObservedPromise } from '../../base/observed-promise.ts'
import type { Source } from '../output/send-response.ts'
import type { ResponseCore } from '../response-core.ts'
import { createFileAnswer, type FileAnswer } from './file-answer.ts'
import { type FileOptions, fileOptions, type ReadFileOptions } from './file-options.ts'
import type { Located } from './locate-file.ts'

type Fields = Readonly<Record<string, string>>

/**
 * Serves a file in place of what was written, unless something else replaces the body before the file is open.
 *
 * @param extra header fields for when the file is served, whole or in part
 * @throws HttpError 404 where `locate` finds no file; ResponseError naming an option that doesn't exist or has a wrong value
 */
export function serveFile(
  response: ResponseCore,
  locate: (options: ReadFileOptions) => Promise<Located | undefined>,
  given: FileOptions,
  extra: Fields = {},
): Promise<void> {
  const opening: Source = { stream: undefined, length: 0, takeBack() {} }
  const work: ObservedPromise = new ObservedPromise({
    begin: async () => {
      const options = fileOptions.parse(given)
      const apply = await prepare(response, await locate(options), options)
      if (response.pending === pending) apply(extra)
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

/** Opens the file and returns what makes it the response. A status other than 200 that was set stays: the file explains it. */
async function prepare(
  response: ResponseCore,
  file: Located | undefined,
  options: ReadFileOptions,
): Promise<(extra: Fields) => void> {
  const { raw, request, status } = response
  const isExplanation = status !== 0 && status !== 200
  if (file?.stats.isFile() !== true) throw new HttpError(404, undefined, { failure: 'ERR_TRIBIND_FILE_NOT_FOUND' })
  const { method, headers } = request
  const isConditional = !isExplanation && (method === 'GET' || method === 'HEAD')
  const answer = await createFileAnswer({ method, headers, isConditional }, file, options)
  if (answer === undefined) throw new HttpError(404, undefined, { failure: 'ERR_TRIBIND_FILE_NOT_FOUND' })
  const { content } = answer
  // A client that has left is past the release of what its request held.
  if (raw.destroyed) content?.destroy()
  else if (content !== undefined) request.onRelease(() => content.destroy())
  return (extra) => apply(response, answer, isExplanation, extra)
}

function apply(response: ResponseCore, answer: FileAnswer, isExplanation: boolean, extra: Fields): void {
  const before = response.status
  if (answer.status >= 400) response.fail(answer.status)
  const status = isExplanation ? before : answer.status
  response.status = status
  const fields = Object.entries({ ...answer.headers, ...(status < 300 && extra) }).filter(([name]) => {
    if (name === 'Content-Type' || name === 'Cache-Control') return response.fields?.has(name) !== true
    // An error must not be taken for a version of the file.
    return !isExplanation || Object.hasOwn(extra, name)
  })
  for (const [name, value] of fields) response.setHeader(name, value)
  if (answer.status >= 400) return
  const takeBack = () => {
    for (const [name, value] of fields) if (response.fields?.get(name) === value) response.removeHeader(name)
    if (response.status === status) response.status = before
  }
  response.source = { stream: answer.content, length: answer.length, takeBack }
}
