import { type HttpHandler, isHttpHandler } from '../../binding/http-handler.ts'
import { bindAlone } from '../../layers/bind-alone.ts'
import type { Option } from '../../options/option.ts'
import { isFunction } from '../../options/option-kinds.ts'
import type { Bindings } from '../../pipeline/dispatcher.ts'
import { ConnectionFunction, type ConnectionHandler } from './connection-function.ts'
import { ConnectionService } from './connection-service.ts'
import { ServerHandler } from './server-handler.ts'

/** What serves at an entry point in place of its routes: a function of each connection, `forward(…)`, or a service such as `httpProxy(…)`. */
export type EntryPointHandler = ConnectionHandler | HttpHandler | ConnectionService | ServerHandler

/** The option as its table returns it. */
export type ReadHandler = HttpHandler | ConnectionService | ServerHandler

const words = 'a function of a connection, what forward() returns, or a service such as httpProxy()'

/** Declares the option `handler` of an entry point. */
export function handlerOption(): Option<EntryPointHandler, 'maybe', ReadHandler> {
  const isValid = (value: unknown) => isFunction(value) || isObjectOfOurs(value)
  const convert = (given: unknown) =>
    isHttpHandler(given) || isObjectOfOurs(given) ? given : new ConnectionFunction(given as ConnectionHandler)
  // A service may have been made with passwords.
  return { isValid, words, convert, secret: true, defaultText: 'none: the routes answer' }
}

function isObjectOfOurs(value: unknown): value is ConnectionService | ServerHandler {
  return value instanceof ConnectionService || value instanceof ServerHandler
}

/** Returns the server that serves the requests of an entry point in place of its own. */
export function serverHandlerOf(handler: ReadHandler | undefined): ServerHandler | undefined {
  return handler instanceof ServerHandler ? handler : undefined
}

/** Returns the service that serves the connections of an entry point; `undefined` where they carry requests for us. */
export function serviceOf(handler: ReadHandler | undefined): ConnectionService | undefined {
  return handler instanceof ConnectionService ? handler : undefined
}

/** Returns what serves the requests of an entry point in place of its routes; `undefined` where the routes do. */
export function bindingsOf(handler: ReadHandler | undefined): Bindings | undefined {
  return isHttpHandler(handler) ? bindAlone(handler) : undefined
}
