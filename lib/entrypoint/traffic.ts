import { Tasks } from '../base/tasks.ts'
import { within } from '../base/within.ts'
import type { RequestSettings, RequestTraffic } from '../http/request-settings.ts'

/** What the requests of a server share, wherever they come in. */
export type SharedSettings = Omit<RequestSettings, 'traffic' | 'baseContext'>

/** The work under way for the requests that come in at one place, and whether that place drains. */
export class Traffic implements RequestTraffic {
  readonly tasks: Tasks = new Tasks()
  readonly streams: Tasks = new Tasks()
  isDraining = false

  get isIdle(): boolean {
    return this.tasks.count === 0
  }

  /** From now on, connections end with their responses and no WebSocket is opened. */
  drain(): void {
    this.isDraining = true
  }

  /** Ends event streams, WebSockets and held sockets, and cuts those that haven't ended after this long. */
  async endStreams(timeoutMs: number): Promise<void> {
    this.streams.end()
    await within(timeoutMs, this.streams.whenIdle())
    this.streams.cut()
  }

  /** Resolves when nothing runs for any request, its close events included. */
  whenIdle(): Promise<void> {
    return this.tasks.whenIdle()
  }
}
