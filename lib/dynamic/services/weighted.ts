import { defineOptions, type Option, type OptionFields, isObject, printValue } from '../../kit.ts'
import type { Unread } from '../../forward/request/unread.ts'
import { nodeRows } from '../../forward/selector/node-rows.ts'
import { strategies } from '../../forward/selector/strategies.ts'
import { type Kind, kind, type Service } from '../model/kind.ts'
import { reference, type Reference } from '../model/reference.ts'
import { compose } from './compose.ts'
import { ConfigError } from '../../index.ts'

interface Share {
  readonly service: Reference
  readonly weight: number
}

const shareOptions = defineOptions<Unread<Share>, Share>({
  service: reference('services'),
  weight: nodeRows.weight as Option<unknown, 'always', number>,
})

/** Spreads requests over several services in turn, in proportion to their weights. */
export const weightedService: Kind<Service> = kind<{ weighted: readonly Share[] }>(
  'weighted',
  { weighted: listOf(shareOptions, 'an object with service, and weight') },
  ({ read: { weighted }, handler, keep }) => {
    const handlers = weighted.map(({ service }) => handler(service))
    const turns = keep(() =>
      weighted.map(({ weight }, i) => ({ id: String(i), i, weight, credit: 0, activeRequests: 0 })),
    )
    const choose = (request: Parameters<(typeof handlers)[number]>[0]) =>
      handlers[strategies.round(turns, noKey, noChance).i]?.(request)
    return compose(choose, handlers)
  },
)

// A round depends on nothing but its turns.
const noKey = () => ''
const noChance = () => 0

/** Declares an option that is an array of objects, one at least, each of which a table reads. */
function listOf<Read>(table: OptionFields<Read>, words: string): Option<unknown, 'always', readonly Read[]> {
  return {
    isValid: (value) => Array.isArray(value) && value.length > 0,
    words: `an array with one at least, each ${words}`,
    required: true,
    convert: (value, place, report = raise) =>
      (value as unknown[]).map((item, i) => {
        const at = `${place}[${i}]`
        if (isObject(item)) return table.parse(item as never, `${at}.`, report)
        report(
          new ConfigError(`option "${at}" must be ${words}, got ${printValue(item)}`, {
            failure: 'ERR_TRIBIND_OPTION_VALUE',
          }),
        )
        return {} as Read
      }),
    json: () => ({ type: 'array', minItems: 1, items: table.jsonSchema() }),
  }
}

function raise(error: Error): never {
  throw error
}
