import { Tasks } from '../base/tasks.ts'
import { within } from '../base/within.ts'
import { workersOfProcess } from '../base/workers.ts'
import type { RequestSettings, RequestTraffic } from '../http/request-settings.ts'

/** The settings that all requests of a server share, wherever they are received. */
export type SharedSettings = Omit<RequestSettings, 'traffic' | 'version' | 'entryPoint' | 'baseContext'>

/** The work under way at one place for the requests of one version, and whether that place is draining. */
export class Traffic implements RequestTraffic {
  readonly tasks: Tasks = new Tasks()
  readonly streams: Tasks = new Tasks()
  isDraining = false
  opensWebSockets = true

  get isIdle(): boolean {
    return this.tasks.count === 0
  }

  /** Whether nothing is under way, not even a stream. */
  get isOver(): boolean {
    return this.isIdle && this.streams.count === 0
  }

  /** Makes connections end with their responses. @param opensWebSockets whether WebSockets are still opened, as they are where another worker takes over */
  drain(opensWebSockets = false): void {
    this.isDraining = true
    this.opensWebSockets &&= opensWebSockets || workersOfProcess()?.isReplaced === true
  }

  /** Ends event streams, WebSockets and held sockets, and cuts those that haven't ended after `timeoutMs`. */
  async endStreams(timeoutMs: number): Promise<void> {
    this.streams.end()
    await within(timeoutMs, this.streams.whenIdle())
    this.streams.cut()
  }

  /** Resolves when nothing is running for any request, its close events included. */
  whenIdle(): Promise<void> {
    return this.tasks.whenIdle()
  }

  /** Resolves when nothing is under way, not even a stream. */
  async whenOver(): Promise<void> {
    while (!this.isOver) await Promise.all([this.tasks.whenIdle(), this.streams.whenIdle()])
  }
}
