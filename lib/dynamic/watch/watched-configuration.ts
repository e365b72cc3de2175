import {
  ConfigError,
  type Configuration,
  type ConfigurationIssue,
  type ConfigurationProvider,
  type ConfigurationStatus,
  type HistoryEntry,
  type ProviderStatus,
  StateError,
} from '../../index.ts'
import { type ConfigurationParts, suggestName, unlessAborted, within } from '../../kit.ts'
import { print, refusedConfiguration } from './issues.ts'
import { Lane } from './lane.ts'
import { ProviderRun } from './provider-run.ts'
import type { ServedParts, SharedContents, SharedHistory } from './served.ts'
import { Watcher } from './watcher.ts'

/** What the workers of an application share. */
const TOPIC = 'configuration'

/** What is done by the worker in which the providers run. */
type Asked =
  | { readonly call: 'rollback'; readonly version: number }
  | { readonly call: 'resume' }
  | { readonly call: 'reload'; readonly provider: string | undefined }
  | { readonly call: 'history' }

/** The configuration of a server, as its providers publish it. */
export class WatchedConfiguration implements Configuration {
  readonly #parts: ConfigurationParts
  readonly #runs: ReadonlyMap<string, ProviderRun>
  readonly #watcher: Watcher
  readonly #implicit: string | undefined

  /**
   * @param providers in the order in which they are merged
   * @param implicit the one that the options don't have, and that isn't shown before it is used
   */
  constructor(
    parts: ConfigurationParts,
    providers: readonly ConfigurationProvider[],
    aggregate: ServedParts['aggregate'],
    implicit: string | undefined,
  ) {
    this.#implicit = implicit
    const { server, options, layers, member } = parts
    this.#parts = parts
    const lanes = providers.map((one) => new Lane(one, one.name === 'api' ? 0 : options.throttle, server.logger))
    this.#watcher = new Watcher({
      lanes,
      aggregate,
      onInvalid: options.onInvalid,
      onRefused: (provider, issues) => layers().tellRefused(`@${provider}`, refusedConfiguration(provider, issues)),
      history: options.history,
      logger: server.logger,
      serverVersion: () => layers().version,
      share: member && ((contents) => member.change(TOPIC, TOPIC, contents)),
    })
    const runs = lanes.map((lane, i) => new ProviderRun(providers[i] as ConfigurationProvider, lane, this.#watcher))
    this.#runs = new Map(runs.map((run) => [run.lane.name, run]))
    member?.carryOut(TOPIC, (shared, gate) => this.#watcher.carryOut(shared as SharedContents, gate, member.isLeader))
    member?.answer(TOPIC, (asked) => this.#carryOut(asked as Asked))
  }

  status(): ConfigurationStatus {
    const status = this.#watcher.status
    const isUsed = ({ name, lastPublishAt }: ProviderStatus) => name !== this.#implicit || lastPublishAt !== undefined
    return { ...status, providers: status.providers.filter(isUsed) }
  }

  async check(configuration: unknown, provider = 'api'): Promise<readonly ConfigurationIssue[]> {
    return this.#watcher.check(this.#find('check', provider).lane, configuration)
  }

  history(): readonly HistoryEntry[] {
    return this.#watcher.history
  }

  async rollback(version: number): Promise<{ readonly version: number }> {
    this.#checkState('rollback')
    return (await this.#ask({ call: 'rollback', version })) as { readonly version: number }
  }

  async resume(): Promise<void> {
    if (!this.#watcher.isPinned) return
    this.#checkState('resume')
    await this.#ask({ call: 'resume' })
  }

  async reload(provider?: string): Promise<void> {
    if (provider !== undefined) this.#find('reload', provider)
    this.#checkState('reload')
    await this.#ask({ call: 'reload', provider })
  }

  /** Asks the worker in which the providers run. */
  async #ask(asked: Asked): Promise<unknown> {
    const { member } = this.#parts
    if (member === undefined || member.isLeader) return this.#carryOut(asked)
    const [answer] = await member.ask(TOPIC, asked, 'leader')
    return answer
  }

  async #carryOut(asked: Asked): Promise<unknown> {
    if (asked.call === 'rollback') return this.#watcher.rollback(asked.version)
    if (asked.call === 'resume') return this.#watcher.resume()
    if (asked.call === 'history') return this.#watcher.sharedHistory
    const { provider } = asked
    const runs = provider === undefined ? [...this.#runs.values()] : [this.#find('reload', provider)]
    // A provider may never publish again.
    return within(this.#parts.options.readyTimeout, Promise.all(runs.map((run) => run.reload())))
  }

  /** What a provider has that is served; `undefined` for nothing. */
  documentOf(provider: string): object | undefined {
    return this.#find('documentOf', provider).lane.served.document
  }

  /** Starts the providers. As `ConfigurationPort.start`. */
  async start(signal: AbortSignal): Promise<void> {
    const { member } = this.#parts
    member?.onLead(() => this.#begin())
    // What they have published is served already.
    if (member?.isLeader === false) return this.#takeHistory(signal)
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#notReady()), this.#parts.options.readyTimeout)
    })
    try {
      this.#begin()
      await unlessAborted(signal, Promise.race([this.#watcher.whenOpen, tooLong]))
    } finally {
      clearTimeout(timer)
    }
  }

  /** Takes over what can be brought back. A worker that hangs doesn't keep others from serving: what it has may come later. */
  async #takeHistory(signal: AbortSignal): Promise<void> {
    const { options, server } = this.#parts
    const taking = this.#ask({ call: 'history' }).then(
      (shared) => this.#watcher.takeHistory((shared ?? []) as SharedHistory),
      (error: unknown) => server.logger.warn('The history of the configuration is lost', { error }),
    )
    await unlessAborted(signal, within(options.readyTimeout, taking))
  }

  #begin(): void {
    for (const run of this.#runs.values()) run.start()
    this.#watcher.begin()
  }

  /** As `ConfigurationPort.stop`. */
  async stop(): Promise<void> {
    const stopping = this.#watcher.stop()
    for (const run of this.#runs.values()) run.stop()
    await stopping
  }

  #find(call: string, provider: string): ProviderRun {
    const run = this.#runs.get(provider)
    if (run !== undefined) return run
    const known = [...this.#runs.keys()]
    throw new ConfigError(
      `${call}: there is no provider "${provider}"${suggestName(provider, known)}: there are ${known.join(', ')}`,
      { failure: 'ERR_TRIBIND_PROVIDER_UNKNOWN' },
    )
  }

  #checkState(call: string): void {
    const { name, state } = this.#parts.server
    if (state === 'ready' || state === 'preparing') return
    throw new StateError(`${call}: server "${name}" must be ready, is ${state}`, {
      failure: 'ERR_TRIBIND_SERVER_NOT_RUNNING',
    })
  }

  #notReady(): ConfigError {
    const missing = [...this.#runs.values()]
      .map(({ lane }) => lane)
      .filter(({ isRequired, served }) => isRequired && served.document === undefined)
    const issues = missing.flatMap(({ name, report }) => report.problems.map((issue) => ({ ...issue, source: name })))
    const lines = missing.map(({ name, report, newest }) => {
      const reason =
        report.problems.length > 0
          ? report.problems.map(print).join('; ')
          : newest.document === undefined
            ? 'has published nothing'
            : 'waits for the others'
      return `\n  provider "${name}": ${reason}`
    })
    return new ConfigError(
      `configuration: after ${this.#parts.options.readyTimeout} ms (readyTimeout), not all required providers have a configuration that is served:${lines.join('')}`,
      { failure: 'ERR_TRIBIND_CONFIGURATION_NOT_READY', issues },
    )
  }
}
