import type { Logger } from 'tribind'

/** For servers of which warnings are expected. */
export const quietLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
