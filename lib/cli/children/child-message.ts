/** The variable of the environment by which a process of `tribind` knows that another one ends it. */
export const childVariable = 'TRIBIND_CHILD'

/** What `stopTimeout` is where no server has said its own, in milliseconds. */
export const DEFAULT_STOP_MS = 10_000

/** How long what was cut after `stopTimeout` may take to end, in milliseconds. */
export const GRACE_MS = 5000

/** What a child tells its parent: first when it takes signals, then whenever it changes. */
export interface ChildMessage {
  /** The longest `stopTimeout` of its servers, in milliseconds. */
  readonly tribindStopTimeout: number
}

/** Returns whether a message of a child is one of ours. */
export function isChildMessage(message: unknown): message is ChildMessage {
  return typeof message === 'object' && message !== null && 'tribindStopTimeout' in message
}
