import type { Duration, RequestKey } from '../../index.ts'
import { type Complete, defineOptions, duration, integer, oneOf, type OptionTable, requestKey } from '../../kit.ts'

/** How one of several nodes is chosen. */
export type StrategyName = 'round' | 'rand' | 'fifo' | 'hash' | 'least'

/** How a node is chosen, and when one counts as failed. */
export interface SelectorOptions<Key = RequestKey> {
  /**
   * `round` takes the nodes in turn, `rand` at random, both by weight; `fifo` takes the first that is up, `hash` always the same
   * for a key, `least` the one with the fewest requests by weight. Default `round`.
   */
  strategy?: StrategyName
  /** How many failures must follow one another for a node to count as failed; 0: it never does. Default 1. */
  maxFails?: number
  /** How long a node that has failed is left out: milliseconds or a text such as `10s`. Default `10s`. */
  failTimeout?: Duration
  /** What `hash` chooses by. Default `ip`. */
  key?: Key
}

/** The options of a selector as they were read. */
export type ReadSelectorOptions<Key = RequestKey> = Complete<Omit<SelectorOptions<Key>, 'failTimeout'>> & {
  readonly failTimeout: number
}

/** What `hash` chooses by where there are connections and no requests. */
export type ConnectionKey = 'ip' | 'host'

const strategies: readonly StrategyName[] = ['round', 'rand', 'fifo', 'hash', 'least']

const failureRows = {
  strategy: oneOf(strategies, { default: 'round', summary: 'how one of the nodes is chosen' }),
  maxFails: integer({ from: 0 }, { default: 1, summary: 'how many failures in a row make a node count as failed' }),
  failTimeout: duration(0, { default: '10s', summary: 'how long a failed node is left out' }),
} as const

/** The table of the options of a selector for requests. */
export const selectorOptions: OptionTable<SelectorOptions, ReadSelectorOptions> = defineOptions({
  ...failureRows,
  key: requestKey({ default: 'ip', summary: 'what hash chooses by' }),
})

/** The table of the options of a selector for connections. */
export const connectionSelectorOptions: OptionTable<
  SelectorOptions<ConnectionKey>,
  ReadSelectorOptions<ConnectionKey>
> = defineOptions({
  ...failureRows,
  key: oneOf<ConnectionKey, { default: ConnectionKey; summary: string }>(['ip', 'host'], {
    default: 'ip',
    summary: 'what hash chooses by',
  }),
})
