import type { OpenStreams } from './open-streams.ts'

/** What requests and responses get from their server: what its options mean to them, and what they share. */
export interface RequestSettings {
  /** The event streams and WebSockets that a stop ends. */
  readonly openStreams: OpenStreams
}
