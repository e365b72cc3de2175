import type { Socket } from 'node:net'
import { isObject, type ServicePlace } from '../../kit.ts'
import type { ChainStatus } from '../chain/chain.ts'

/** What connects in a way of its own, as a `Chain` does. */
export interface ProxyChain {
  connect(
    target: { readonly host: string; readonly port: number },
    options: {
      readonly signal: AbortSignal
      readonly clientAddress: string
      readonly localAddress: string
      readonly allowHalfOpen: boolean
    },
  ): Promise<Socket>
  status?(): ChainStatus
}

/** Whether an option is a chain, or the name of one. */
export function isChain(value: unknown): boolean {
  if (typeof value === 'string') return value !== ''
  return isObject(value) && typeof (value as { connect?: unknown }).connect === 'function'
}

/** Returns the chain of an option. @throws ChainError for a name that stands for nothing */
export function chainOf({ server }: ServicePlace, chain: string | ProxyChain): ProxyChain {
  if (typeof chain !== 'string') return chain
  return (server as unknown as { chain(name: string): ProxyChain }).chain(chain)
}
