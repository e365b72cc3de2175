import type { Socket } from 'node:net'
import { ChainError, EgressError } from '../../index.ts'
import { codeOfFailure } from './failure-status.ts'
import { Refused } from './refused.ts'
import type { TargetHost } from './target-host.ts'

/** Why a client of SOCKS isn't connected. */
export type SocksFailure = 'rules' | 'network' | 'host' | 'refused' | 'timeout' | 'general'

/** What a client of SOCKS asks for, and how it is answered. */
export interface SocksRequest {
  /** `undefined` for a name that can't be one. */
  readonly target: TargetHost | undefined
  /** Answers that it is connected. @param socket what it is connected by */
  succeed(socket: Socket): void
  /** Answers that it isn't, and ends the connection. */
  fail(failure: SocksFailure): void
}

const failuresByCode: Readonly<Record<string, SocksFailure>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'host',
  EHOSTDOWN: 'host',
  ENOTFOUND: 'host',
  EAI_AGAIN: 'host',
  ENETUNREACH: 'network',
  ENETDOWN: 'network',
  EADDRNOTAVAIL: 'network',
  EACCES: 'rules',
  EINVAL: 'network',
  EAFNOSUPPORT: 'network',
}

/** Returns why a connection wasn't made. */
export function socksFailureOf(error: unknown): SocksFailure {
  if (error instanceof Refused) return 'rules'
  const code = codeOfFailure(error) ?? ''
  // What a proxy on the way fails with says nothing of the target, but that it took too long.
  if (error instanceof ChainError && error.failure !== 'ERR_TRIBIND_CHAIN_TARGET')
    return code === 'ETIMEDOUT' ? 'timeout' : 'general'
  const known = failuresByCode[code]
  if (known !== undefined) return known
  // No interface that was asked for leads there.
  return error instanceof EgressError ? 'network' : 'general'
}
