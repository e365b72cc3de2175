import type { StatusPattern } from '../../index.ts'
import {
  bytes,
  defineOptions,
  httpMethods,
  idempotentMethods,
  integer,
  isStatusPattern,
  matchStatuses,
  type OptionTable,
  statusSchema,
  textSchema,
} from '../../kit.ts'
import type { Unread } from './unread.ts'

/** What a request may be tried again for: a node can't be connected to, breaks off before the head, is too slow, or a status. */
export type RetryReason = 'connect' | 'reset' | 'timeout' | StatusPattern

/** Whether a request tries further nodes. */
export interface RetryOptions {
  /** How many further nodes it may try. Default 1. */
  attempts?: number
  /** After what. A node that can't be connected to is always passed over. Default `connect` alone. */
  on?: readonly RetryReason[]
  /** The methods that are tried again after anything else. Default: those that are idempotent. */
  methods?: readonly string[]
  /** How many bytes of a body are kept to be sent again. Default 0: what has been read of a body is sent once. */
  buffer?: number
}

/** The options of retries as they were read. */
export interface ReadRetryOptions {
  readonly attempts: number
  readonly on: { readonly reset: boolean; readonly timeout: boolean; readonly status: (status: number) => boolean }
  readonly methods: ReadonlySet<string>
  readonly buffer: number
}

const reasons: ReadonlySet<unknown> = new Set(['connect', 'reset', 'timeout'])

export const retryOptions: OptionTable<Unread<ReadRetryOptions>, ReadRetryOptions> = defineOptions({
  attempts: integer({ from: 0 }, { default: 1 }),
  on: {
    isValid: (value) => Array.isArray(value) && value.every((one) => reasons.has(one) || isStatusPattern(one)),
    words: 'an array of "connect", "reset", "timeout" and statuses such as 503 or "5xx"',
    default: ['connect'],
    convert: (value) => readReasons(value as RetryReason[]),
    json: () => ({ type: 'array', items: { anyOf: [{ enum: [...reasons] }, statusSchema] } }),
  },
  methods: {
    isValid: (value) => Array.isArray(value) && value.every(isMethodName),
    words: `an array of ${httpMethods.join(', ')}`,
    default: idempotentMethods,
    convert: (value) => new Set((value as string[]).map((method) => method.toUpperCase())),
    json: () => ({ type: 'array', items: textSchema }),
  },
  buffer: bytes({ default: 0 }),
})

function readReasons(given: readonly RetryReason[]): ReadRetryOptions['on'] {
  return {
    reset: given.includes('reset'),
    timeout: given.includes('timeout'),
    status: matchStatuses(given.filter(isStatusPattern)),
  }
}

function isMethodName(value: unknown): boolean {
  return typeof value === 'string' && httpMethods.includes(value.toUpperCase() as (typeof httpMethods)[number])
}
