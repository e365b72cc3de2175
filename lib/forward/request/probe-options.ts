import type { Duration, StatusPattern } from '../../index.ts'
import {
  defineOptions,
  duration,
  integer,
  isStatusPattern,
  matchStatuses,
  option,
  type OptionTable,
  statusSchema,
} from '../../kit.ts'
import type { Unread } from './unread.ts'

/** How nodes are asked whether they work. */
export interface ProbeOptions {
  /** What is asked for by GET, after the path of the node's address. Default `/`. */
  path?: string
  /** How long after the end of one probe the next begins. Default `10s`. */
  interval?: Duration
  /** How long one may take. Default `2s`. */
  timeout?: Duration
  /** The statuses of a node that works. Default `2xx` and `3xx`. */
  status?: readonly StatusPattern[]
  /** How many must succeed in a row for a node to be up again. Default 1. */
  rise?: number
  /** How many must fail in a row for a node to be down. Default 1. */
  fall?: number
}

/** The options of probes as they were read. */
export interface ReadProbeOptions {
  readonly path: string
  readonly interval: number
  readonly timeout: number
  readonly status: (status: number) => boolean
  readonly rise: number
  readonly fall: number
}

const pathText = /^\/[\x21-\x7e]*$/

export const probeOptions: OptionTable<Unread<ReadProbeOptions>, ReadProbeOptions> = defineOptions({
  path: {
    ...option<string, { default: string }>(
      (value) => typeof value === 'string' && pathText.test(value),
      'a path that begins with "/"',
      { default: '/' },
    ),
    json: () => ({ type: 'string', pattern: pathText.source }),
  },
  interval: duration(1, { default: '10s' }),
  timeout: duration(1, { default: '2s' }),
  status: {
    isValid: (value) => Array.isArray(value) && value.length > 0 && value.every(isStatusPattern),
    words: 'an array of statuses such as 200 or "2xx"',
    default: ['2xx', '3xx'],
    convert: (value) => matchStatuses(value as StatusPattern[]),
    json: () => ({ type: 'array', minItems: 1, items: statusSchema }),
  },
  rise: integer({ from: 1 }, { default: 1 }),
  fall: integer({ from: 1 }, { default: 1 }),
})
