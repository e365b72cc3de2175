import { HttpError } from '../../base/http-error.ts'
import type { Answered } from '../answered.ts'
import { createFileAnswer, type FileAnswer } from './file-answer.ts'
import type { FileOptions } from './file-options.ts'
import type { Located } from './locate-file.ts'

/**
 * Opens a file as the answer to a request.
 *
 * @param isExplanation whether it explains another status, and so is always sent whole
 * @throws HttpError 404 for what is no file
 */
export async function openFile(
  { method, headers }: Answered,
  file: Located | undefined,
  isExplanation: boolean,
  options: FileOptions,
): Promise<FileAnswer> {
  const isConditional = !isExplanation && (method === 'GET' || method === 'HEAD')
  const isFile = file?.stats.isFile() === true
  const answer = isFile ? await createFileAnswer({ method, headers, isConditional }, file, options) : undefined
  if (answer === undefined) throw new HttpError(404)
  return answer
}
