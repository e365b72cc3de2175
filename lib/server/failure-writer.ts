import { failureOf, prefersHtml, type WriteFailure, writeProblem } from '../http/output/problem.ts'
import type { RequestCore } from '../http/request-core.ts'
import type { ResponseCore } from '../http/response-core.ts'
import type { ExplainedRequest } from '../layers/explain-request.ts'
import type { ReadServerOptions } from './options.ts'

/**
 * Returns what writes the answers to failures; `undefined` where they are text.
 *
 * @param explain returns what a request passes, for the error page
 */
export function chooseFailureWriter(
  { problems, errorPage }: ReadServerOptions,
  explain: (core: RequestCore) => ExplainedRequest | undefined,
): WriteFailure | undefined {
  const write: WriteFailure = problems ? writeProblem : (response, text) => response.body.writeText(text)
  if (!errorPage) return problems ? write : undefined
  return (response, text) => {
    response.joinHeader('Vary', 'Accept')
    const error = failureOf(response)
    if (error === undefined || !prefersHtml(response.request.header('accept'))) return write(response, text)
    return import('./error-page.ts').then(async ({ writeErrorPage }) => {
      if (!(await writeErrorPage(error, response as ResponseCore, explain))) await write(response, text)
    })
  }
}
