import type { Sessions } from './session.ts'

/** What requests and responses are told by the options of their server. */
export interface RequestSettings {
  /** `undefined` where the server has no sessions. */
  readonly sessions: Sessions | undefined
  /** The first signs cookies, all verify them. */
  readonly cookieSecrets: readonly string[]
}
