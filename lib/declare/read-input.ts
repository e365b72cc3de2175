import type { RequestCore } from '../http/request-core.ts'
import type { ReadDeclaration } from './declaration-parts.ts'

/** What has a declaration in its one form. */
export interface Declared {
  readonly read: ReadDeclaration
}

/** Reads and checks. */
export function readInput(_declared: Declared, _core: RequestCore): object | Promise<object> {
  return {}
}
