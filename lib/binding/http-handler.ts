import type { Handler } from './registrar.ts'

const mark: unique symbol = Symbol('tribind.httpHandler')

/** A handler that may serve all requests of an entry point, as its option `handler`. */
export type HttpHandler = Handler & { readonly [mark]: true }

/** Marks a handler as one that may be the option `handler` of an entry point: a function without the mark gets connections there. */
export function markHttpHandler<H extends Handler>(handler: H): H & HttpHandler {
  return Object.defineProperty(handler, mark, { value: true }) as H & HttpHandler
}

export function isHttpHandler(value: unknown): value is HttpHandler {
  return typeof value === 'function' && mark in value
}
