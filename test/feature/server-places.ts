import net from 'node:net'
import { once } from 'node:events'
import { Server } from 'tribind'
import { collectingLogger, gate, inTime, portOf, sendToPort, until } from './both-ways.ts'

/** Keeps a journal of its hooks, of which it has two of each kind, and of the states it was seen in. */
export class WatchedServer extends Server {
  readonly journal: string[] = []
  readonly states: string[] = []
  /** What a hook does before it takes its time. */
  readonly within: Record<string, () => Promise<void>> = {}

  constructor() {
    super({ port: 0, stopTimeout: 100, logger: collectingLogger() })
    for (const name of ['up-1', 'up-2']) this.registerStartupHook(() => this.#runHook(name))
    for (const name of ['down-1', 'down-2']) this.registerShutdownHook(() => this.#runHook(name))
  }

  override start(): Promise<void> {
    return this.#watch(() => super.start())
  }

  override run(): Promise<void> {
    return this.#watch(() => super.run())
  }

  override stop(): Promise<void> {
    return this.#watch(() => super.stop())
  }

  async #runHook(name: string): Promise<void> {
    await this.#watch(async () => this.within[name]?.())
    // What doesn't wait for a hook is to show.
    await new Promise((resolve) => setImmediate(resolve))
    this.journal.push(name)
  }

  #watch<T>(act: () => T): T {
    this.#look()
    const result = act()
    this.#look()
    return result
  }

  #look(): void {
    if (this.states.at(-1) !== this.state) this.states.push(this.state)
  }
}

/** What goes on around the calls under test. */
export interface Going {
  /** Ends when the calls have. */
  acting: Promise<void>
  /** The `run()` that brought the server there; `undefined` where there was none. */
  firstRun?: Promise<void>
}

/** Brings a server to a place in its life and makes the calls there. */
export type Place = (server: WatchedServer, act: () => Promise<void>) => Promise<Going>

export const places: Readonly<Record<string, Place>> = {
  async created(server, act) {
    const acting = act()
    await settle(server)
    return { acting }
  },

  async preparing(server, act) {
    const firstRun = server.run()
    const acting = act()
    await settle(server)
    return { firstRun, acting }
  },

  async 'startup hook'(server, act) {
    const called = gate()
    let acting = Promise.resolve()
    server.within['up-1'] = async () => {
      called.open()
      await (acting = act())
    }
    const firstRun = server.run()
    await called.opened
    return { firstRun, acting }
  },

  async ready(server, act) {
    const { firstRun } = await runUntilUp(server)
    return { firstRun, acting: act() }
  },

  async handler(server, act) {
    let acting = Promise.resolve()
    server.get('/', () => {
      acting = act()
      return 'hello'
    })
    const { firstRun } = await runUntilUp(server)
    await sendToPort(portOf(server))('/')
    return { firstRun, acting }
  },

  async 'handler, awaited'(server, act) {
    const called = gate()
    let acting = Promise.resolve()
    server.get('/', async () => {
      called.open()
      await (acting = act())
    })
    const { firstRun } = await runUntilUp(server)
    sendToPort(portOf(server))('/').catch(() => {})
    await called.opened
    return { firstRun, acting }
  },

  async 'shutdown hook'(server, act) {
    const called = gate()
    let acting = Promise.resolve()
    server.within['down-1'] = async () => {
      called.open()
      await (acting = act())
    }
    const { firstRun } = await runUntilUp(server)
    void server.stop()
    await called.opened
    return { firstRun, acting }
  },

  async stopping(server, act) {
    const [entered, answered] = [gate(), gate()]
    server.get('/', async () => {
      entered.open()
      await answered.opened
    })
    const { firstRun } = await runUntilUp(server)
    const answer = sendToPort(portOf(server))('/')
    await entered.opened
    void server.stop()
    const acting = act()
    answered.open()
    await answer
    return { firstRun, acting }
  },

  async stopped(server, act) {
    const { firstRun } = await runUntilUp(server)
    await server.stop()
    return { firstRun, acting: act() }
  },

  async 'failed listen'(server, act) {
    const occupant = net.createServer().listen(0, '127.0.0.1')
    await once(occupant, 'listening')
    server.setPort((occupant.address() as net.AddressInfo).port)
    const firstRun = server.run()
    await inTime(
      firstRun.catch(() => {}),
      'it has failed',
    )
    occupant.close()
    return { firstRun, acting: act() }
  },
}

/** With whatever it was told to do, up or stopped. */
async function settle(server: WatchedServer): Promise<void> {
  await until(() => server.state === 'stopped' || server.journal.includes('up-2'), 'it is up or stopped')
}

async function runUntilUp(server: WatchedServer): Promise<{ firstRun: Promise<void> }> {
  const firstRun = server.run()
  await settle(server)
  return { firstRun }
}
