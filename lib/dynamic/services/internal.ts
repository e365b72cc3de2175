import { type Handler, HttpError } from '../../index.ts'

/** Answers 503 in the place of what is broken. */
export const unavailable: Handler = function unavailable() {
  throw new HttpError(503, undefined, { failure: 'ERR_TRIBIND_CONFIGURATION_BROKEN' })
}

/** The services of the provider `internal`, by name. */
export const internalServices: Readonly<Record<string, Handler>> = {
  'not-found': function notFound() {
    throw new HttpError(404, undefined, { failure: 'ERR_TRIBIND_CONFIGURATION_NOT_FOUND' })
  },
  unavailable,
}
