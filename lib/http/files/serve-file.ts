import { HttpError } from '../../base/http-error.ts'
import { ObservedPromise } from '../../base/observed-promise.ts'
import type { ResponseCore } from '../response-core.ts'
import { createFileAnswer, type FileAnswer } from './file-answer.ts'
import { type FileOptions, fileOptions, type ReadFileOptions } from './file-options.ts'
import type { Located } from './locate-file.ts'

/**
 * Serves a file in place of what was written, unless something else replaces the body before the file is open.
 *
 * @param adjust changes the response once a file is served, whole or in part
 * @throws HttpError 404 where `locate` finds no file; ResponseError naming an option that doesn't exist or has a wrong value
 */
export function serveFile(
  response: ResponseCore,
  locate: (options: ReadFileOptions) => Promise<Located | undefined>,
  given: FileOptions,
  adjust: () => void = () => {},
): Promise<void> {
  const work: ObservedPromise = new ObservedPromise({
    begin: async () => {
      const options = fileOptions.parse(given)
      const apply = await prepare(response, await locate(options), options)
      if (response.pending !== pending) return
      apply()
      if (response.status < 300) adjust()
    },
  })
  const pending = work.ended().finally(() => {
    if (response.pending === pending) response.pending = undefined
  })
  pending.catch(() => {})
  response.begin(pending)
  return work
}

/** Opens the file and returns what makes it the response. A status other than 200 that was set stays: the file explains it. */
async function prepare(
  response: ResponseCore,
  file: Located | undefined,
  options: ReadFileOptions,
): Promise<() => void> {
  const { raw, request, status } = response
  const isExplanation = status !== 0 && status !== 200
  if (file?.stats.isFile() !== true) throw new HttpError(404)
  const { method, headers } = request
  const isConditional = !isExplanation && (method === 'GET' || method === 'HEAD')
  const answer = await createFileAnswer({ method, headers, isConditional }, file, options)
  if (answer === undefined) throw new HttpError(404)
  const { content } = answer
  // A client that has left is past the release of what its request held.
  if (raw.destroyed) content?.destroy()
  else if (content !== undefined) request.onRelease(() => content.destroy())
  return () => apply(response, answer, isExplanation)
}

function apply(response: ResponseCore, { status, headers, length, content }: FileAnswer, isExplanation: boolean): void {
  if (status >= 400) response.fail(status)
  else response.source = { stream: content, length }
  if (!isExplanation) response.setStatus(status)
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'Content-Type' || name === 'Cache-Control') response.setDefault(name, value)
    // An error must not be taken for a version of the file.
    else if (!isExplanation) response.setHeader(name, value)
  }
}
