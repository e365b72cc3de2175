// What server and load agree on.

/** How many routes are replaced together. */
export const SHOP_ROUTES = 100

/** Between two switches, in milliseconds. */
export const SWITCH_MS = 200

/** One switch of so many is invalid, and must change nothing. */
export const INVALID_OF = 5

/** A route that the invalid switches bind a second time. */
export const TAKEN = '/code/0'

/**
 * What a request is answered: the version that its first hook saw, the version and the path of its handler. All three must
 * fit together, and the version must be no older than the one in use when the request was sent.
 */
export const answerOf = (first, version, path) => `${first} ${version} ${path}`
