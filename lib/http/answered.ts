import type { IncomingHttpHeaders } from 'node:http'
import type { RequestSettings } from './request-settings.ts'
import type { View } from './view.ts'

/** What a response asks of the request it answers. */
export interface Answered {
  readonly method: string
  readonly view: View
  readonly settings: RequestSettings
  /** The host with its port; `undefined` where the client names none. */
  readonly authority: string | undefined
  readonly headers: IncomingHttpHeaders
  header(name: string): string | undefined
  getQuery(name: string): string | undefined
  takeCookieLines(): string[] | undefined
  onRelease(release: () => unknown): void
}
