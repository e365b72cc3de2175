import { ConfigError, TribindError } from '../../index.ts'
import { type ReadServices, type RunServices, UsageError } from '../command.ts'
import { Gateway } from './gateway.ts'

/** How long after the stop the process may go on by what its applications have left. */
const LEFT_MS = 1000

/**
 * Runs services until SIGINT or SIGTERM, which a second one cuts short. SIGHUP reads again what is to run.
 *
 * Returns the exit code: 0 after a stop, 1 where the services can't start, which standard error says.
 */
export const runServices: RunServices = async (read) => {
  const reloads = new Reloads(read)
  const onHangup = () => reloads.ask()
  process.on('SIGHUP', onHangup)
  try {
    const { model } = await read()
    const gateway = await Gateway.create(model)
    gateway.server.registerSignalHook().registerStartupHook(() => reloads.begin(gateway))
    await gateway.run()
    return 0
  } catch (error) {
    if (error instanceof UsageError) throw error
    for (const line of linesOf(error)) process.stderr.write(`tribind: ${line}\n`)
    return 1
  } finally {
    process.off('SIGHUP', onHangup)
    setTimeout(() => process.exit(), LEFT_MS).unref()
  }
}

/** Reads again, as often as that is asked for; one after another, and once for all that ask meanwhile. */
class Reloads {
  readonly #read: ReadServices
  #gateway: Gateway | undefined
  #isAsked = false
  #isRunning = false

  constructor(read: ReadServices) {
    this.#read = read
  }

  ask(): void {
    this.#isAsked = true
    void this.#run()
  }

  /** Takes up what was asked for while the services started. */
  begin(gateway: Gateway): void {
    this.#gateway = gateway
    void this.#run()
  }

  async #run(): Promise<void> {
    const gateway = this.#gateway
    if (gateway === undefined || this.#isRunning) return
    this.#isRunning = true
    while (this.#isAsked && gateway.server.state !== 'stopped') {
      this.#isAsked = false
      await this.#reload(gateway)
    }
    this.#isRunning = false
  }

  async #reload(gateway: Gateway): Promise<void> {
    const { logger } = gateway.server
    try {
      const { model } = await this.#read()
      if (model.services.length === 0)
        throw new ConfigError('there are no services', { failure: 'ERR_TRIBIND_CONFIG_VALUES' })
      if (model.services.some(({ origin }) => origin.source === 'standard input'))
        logger.warn('Standard input cannot be read again: what it said stays as it is')
      await gateway.replace(model)
    } catch (error) {
      if (gateway.server.state === 'stopped') return
      for (const line of linesOf(error)) logger.error(`SIGHUP has changed nothing: ${line}`)
    }
  }
}

/** What is wrong, each on a line of its own. */
function linesOf(error: unknown): string[] {
  if (error instanceof TribindError) return error.message.split('\n')
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)]
}
