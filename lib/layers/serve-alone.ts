import type { IncomingMessage, ServerResponse } from 'node:http'
import { Tasks } from '../base/tasks.ts'
import type { Handler } from '../binding/registrar.ts'
import type { Application } from '../http/application.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import { Dispatcher } from '../pipeline/dispatcher.ts'
import { bindAlone } from './bind-alone.ts'

/** Serves a request that came in by another way than through an entry point. */
export type ServeAlone = (raw: IncomingMessage, rawResponse: ServerResponse, settings: RequestSettings) => void

/**
 * Returns a function that serves requests of a server by one handler alone, unobserved: none of its routes, hooks, middleware and
 * sessions are for them.
 *
 * @param route whose parameters they have
 */
export function serveAlone(server: Application, route: string, handler: Handler): ServeAlone {
  const dispatcher = new Dispatcher(
    [bindAlone(handler, route)],
    {
      server,
      closing: new Tasks(),
      hasSessions: false,
      strictDomains: false,
      methodNotAllowed: false,
      maxHeadersCount: Infinity,
      observers: [],
    },
    0,
  )
  return (raw, rawResponse, settings) => dispatcher.handle(raw, rawResponse, settings)
}
