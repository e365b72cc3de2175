import { type FieldChanges, headersOptions, type ReadChanges } from '../http/field-changes.ts'
import { setFields } from '../http/request-view.ts'
import type { ResponseCore } from '../http/response-core.ts'
import { coreOf } from '../http/request.ts'
import { viewOf } from '../http/show-request.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'
import { showInside } from './show-inside.ts'

/**
 * Sets header fields of the request, as what is inside and the nodes of `forward` see it, and of the response, as its head
 * goes out: of errors and of answers of other servers too. `''` removes a field.
 *
 * @throws ConfigError for what is no field, and for fields that belong to the connection or say where a message ends
 */
export function headers(options: FieldChanges): Middleware {
  const { request: asked, response: answered } = headersOptions.parse(options)
  return named('headers', (request, next) => {
    const core = coreOf(request)
    if (answered.size > 0) changeAtEnd(core.response, answered)
    return asked.size > 0 ? showInside(core, setFields(viewOf(core), asked), next) : next()
  })
}

/** Before those further out, so that the outermost has the last word. */
function changeAtEnd(response: ResponseCore, changes: ReadChanges): void {
  const { changeHead: changeOutside } = response
  response.changeHead = () => {
    for (const { name, value } of changes.values()) {
      response.removeHeader(name)
      if (value !== '') response.setHeader(name, value)
    }
    changeOutside?.()
  }
}
