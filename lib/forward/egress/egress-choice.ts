import type { Socket, TcpNetConnectOpts } from 'node:net'
import { type EgressAttempt, EgressError, type FailureCode } from '../../index.ts'
import { connectSocket, type ConnectLimits } from './connect-socket.ts'
import type { Choice, ConnectOptions, Target } from './connections.ts'
import { type Attempt, firstConnected, mostTelling } from './first-connected.ts'
import type { InterfaceEntry } from './interface-option.ts'
import { type LocalAddress, localAddressesOf, recentInterfaces, unmapped } from './local-addresses.ts'
import { resolveTarget } from './resolve-target.ts'

const CONNECT_TIMEOUT_MS = 5000

/** The interfaces for one connection, in the order in which they are tried. */
export class EgressChoice implements Choice {
  readonly #entries: readonly InterfaceEntry[]
  readonly #cameIn: string | undefined
  #standings: readonly LocalAddress[][] | undefined

  /** @param cameIn the address at which the client came in, which `auto` stands for */
  constructor(entries: readonly InterfaceEntry[], cameIn: string | undefined) {
    this.#entries = entries
    this.#cameIn = cameIn
  }

  get key(): string {
    return this.#recent.map((locals) => locals.map(({ address }) => address).join()).join(';')
  }

  keeps({ localAddress = '' }: Socket): boolean {
    const address = unmapped(localAddress)
    const family = address.includes(':') ? 6 : 4
    const first = this.#recent.find((locals) => locals.some((local) => local.family === family))
    return first?.some((local) => withoutZone(local.address) === withoutZone(address)) === true
  }

  /**
   * Connects from the first that can.
   *
   * @throws EgressError if none can; the signal's reason; the system's error if the host can't be looked up
   */
  async connect(target: Target, options: ConnectOptions = {}): Promise<Socket> {
    const { timeout = CONNECT_TIMEOUT_MS, signal } = options
    const remotes = await resolveTarget(target.host, { timeout, signal })
    signal?.throwIfAborted()
    const failures: Failure[] = []
    for (const entry of this.#entries) {
      const standing = localAddressesOf(entry, this.#cameIn)
      if (typeof standing === 'string')
        failures.push({ interface: entry.text, reason: standing, failure: 'ERR_TRIBIND_EGRESS_UNKNOWN' })
      else {
        const attempts = attemptsFrom(entry, standing, remotes, { ...options, timeout, port: target.port }, failures)
        if (attempts.length === 0) {
          failures.push({ interface: entry.text, reason: noneFits(remotes), failure: 'ERR_TRIBIND_EGRESS_FAMILY' })
          // An entry of the wrong family is no failure, not even with `!`.
          continue
        }
        const socket = await firstConnected(attempts, signal).catch(() => undefined)
        if (socket !== undefined) return socket
        signal?.throwIfAborted()
      }
      if (entry.isLast) break
    }
    throw failed(target, failures)
  }

  /** What the entries stand for, for what is kept. */
  get #recent(): readonly (readonly LocalAddress[])[] {
    return (this.#standings ??= this.#entries.map((entry) => {
      const standing = localAddressesOf(entry, this.#cameIn, recentInterfaces)
      return typeof standing === 'string' ? [] : [...standing]
    }))
  }
}

/** An attempt that failed, or an entry that was passed over. */
interface Failure {
  readonly interface: string
  readonly localAddress?: string
  readonly target?: string
  readonly reason: string
  readonly failure: FailureCode
  readonly error?: unknown
}

type AttemptOptions = ConnectOptions & { readonly timeout: number; readonly port: number }

/** One attempt for each address of the target, from those of this machine that are of its family, one after the other. */
function attemptsFrom(
  { text }: InterfaceEntry,
  locals: readonly LocalAddress[],
  remotes: readonly LocalAddress[],
  options: AttemptOptions,
  failures: Failure[],
): Attempt[] {
  const { timeout, port, allowHalfOpen = false } = options
  const connectFrom = async (localAddress: string, remote: LocalAddress, signal: AbortSignal) => {
    const { address: host, family } = remote
    try {
      return await connectSocket({ host, port, family, localAddress, allowHalfOpen }, { timeout, signal })
    } catch (error) {
      if (!signal.aborted) {
        const target = family === 6 ? `[${host}]:${port}` : `${host}:${port}`
        failures.push({
          interface: text,
          localAddress,
          target,
          reason: reasonOf(error),
          failure: 'ERR_TRIBIND_EGRESS_CONNECT',
          error,
        })
      }
      throw error
    }
  }
  return remotes
    .map((remote) => ({ remote, fitting: locals.filter(({ family }) => family === remote.family) }))
    .filter(({ fitting }) => fitting.length > 0)
    .map(
      ({ remote, fitting }) =>
        (signal) =>
          firstOf(fitting, ({ address }) => connectFrom(address, remote, signal)),
    )
}

async function firstOf<T>(values: readonly T[], connect: (value: T) => Promise<Socket>): Promise<Socket> {
  let last: unknown
  for (const value of values) {
    try {
      return await connect(value)
    } catch (error) {
      last = error
    }
  }
  throw last
}

function failed({ host, port }: Target, failures: readonly Failure[]): EgressError {
  const attempts: EgressAttempt[] = failures.map(({ interface: name, localAddress, target, reason }) => {
    return Object.freeze({ interface: name, localAddress, target, reason })
  })
  const lastOf = (failure: FailureCode) => failures.findLast((one) => one.failure === failure)
  const last = lastOf('ERR_TRIBIND_EGRESS_CONNECT') ?? lastOf('ERR_TRIBIND_EGRESS_UNKNOWN') ?? failures[0]
  const tried = attempts.map(describe).join('; ')
  const message = `no connection to ${host}:${port} could be made from the interfaces asked for: ${tried}`
  return new EgressError(message, {
    failure: last?.failure ?? 'ERR_TRIBIND_EGRESS_FAMILY',
    attempts,
    cause: mostTelling(failures.flatMap(({ error }) => error ?? [])),
  })
}

function describe({ interface: name, localAddress, target, reason }: EgressAttempt): string {
  const from = localAddress === undefined || localAddress === name ? name : `${name} (${localAddress})`
  return target === undefined ? `${from}: ${reason}` : `${from} to ${target}: ${reason}`
}

function reasonOf(error: unknown): string {
  const { code, syscall, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRNOTAVAIL' || (code === 'EINVAL' && syscall === 'bind'))
    return `${syscall} ${code}, no interface of this machine has the address`
  return syscall === undefined || code === undefined ? message : `${syscall} ${code}`
}

function noneFits(remotes: readonly LocalAddress[]): string {
  return `it has no address of the target's family, IPv${remotes[0]?.family}`
}

function withoutZone(address: string): string {
  return address.split('%')[0] as string
}

/** Connects as Node.js does, without an interface that was asked for: from any address of this machine. */
export class AnyEgress implements Choice {
  readonly key = ''

  keeps(): boolean {
    return true
  }

  async connect({ host, port }: Target, options: ConnectOptions = {}): Promise<Socket> {
    const { timeout = CONNECT_TIMEOUT_MS, signal, allowHalfOpen = false } = options
    const limits: ConnectLimits = { timeout, signal }
    const remotes = await resolveTarget(host, limits)
    signal?.throwIfAborted()
    const attempts = remotes.map(({ address, family }): Attempt => {
      const to: TcpNetConnectOpts = { host: address, port, family, allowHalfOpen }
      return (signal) => connectSocket(to, { timeout, signal })
    })
    try {
      return await firstConnected(attempts, signal)
    } catch (error) {
      signal?.throwIfAborted()
      const { errors } = error as AggregateError
      if (errors.length === 1) throw errors[0]
      const { code } = mostTelling(errors) as NodeJS.ErrnoException
      throw Object.assign(new AggregateError(errors, errors.map(({ message }) => message).join('; ')), { code })
    }
  }
}
