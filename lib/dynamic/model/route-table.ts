import { isText } from '../../kit.ts'
import { type Kind, kind } from './kind.ts'
import { reference, type Reference, references } from './reference.ts'

/** A route as it was read. */
export interface ReadRoute {
  readonly pattern: string
  readonly service: Reference
  readonly middlewares?: readonly Reference[]
  /** Default: all. */
  readonly entryPoints?: readonly string[]
}

/** How a route is written. */
export const routeKind: Kind<void> = kind<ReadRoute, void>(
  'pattern',
  {
    pattern: {
      isValid: isText,
      words: 'a text such as "GET:/cart/*path@shop.example.com"',
      required: true,
      json: () => ({ type: 'string', minLength: 1 }),
    },
    service: reference('services'),
    middlewares: references('middlewares'),
    entryPoints: {
      isValid: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
      words: 'an array of names of entry points, one at least',
      json: () => ({ type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } }),
    },
  },
  () => {},
)
