import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, option } from '../options/option.ts'
import { type Duration, duration, integer, isFunction, isText, oneOf } from '../options/option-kinds.ts'
import type { ConfigurationProvider, OnInvalid } from './configuration.ts'

/** The options of `configuration`. */
export interface ConfigurationOptions {
  /** In the order in which what they publish is merged. Their names differ. */
  providers: readonly ConfigurationProvider[]
  /** How long after a change of a provider its next one waits, of which only the newest is served. Default 2 s. */
  throttle?: Duration
  /**
   * `refuse` serves nothing of a configuration of which a part is invalid; `isolate` serves the rest, and answers 503 where a route is
   * broken. Default `refuse`.
   */
  onInvalid?: OnInvalid
  /** How many versions are kept for a rollback. Default 10. */
  history?: number
  /** How long the start waits for the providers that are required. Default 30 s. */
  readyTimeout?: Duration
}

/** The options with their defaults; times are in milliseconds. */
export type ReadConfigurationOptions = Complete<ConfigurationOptions> & {
  readonly throttle: number
  readonly readyTimeout: number
}

/** The table of the options of `configuration`. */
export const configurationOptions: OptionTable<ConfigurationOptions, ReadConfigurationOptions> = defineOptions(
  {
    providers: option(areProviders, 'an array of providers, each with a name and the function provide', {
      required: true,
    }),
    throttle: duration(0, { default: '2s' }),
    onInvalid: oneOf(['refuse', 'isolate'] as const, { default: 'refuse' }),
    history: integer({ from: 1, to: 1000 }, { default: 10 }),
    readyTimeout: duration(0, { default: '30s' }),
  },
  { check: findProblem },
)

function areProviders(value: unknown): boolean {
  return Array.isArray(value) && value.every(isProvider)
}

function isProvider(value: unknown): boolean {
  if (!isObject(value)) return false
  const { name, provide } = value as Partial<ConfigurationProvider>
  return isText(name) && isFunction(provide)
}

/** What a qualified name, `name@provider`, can't be told with. */
const badName = /[@\s"]/

function findProblem({ providers }: ReadConfigurationOptions, place: string): string | undefined {
  const names = providers.map(({ name }) => name)
  const bad = names.find((name) => badName.test(name) || name === 'internal')
  if (bad !== undefined)
    return `option "${place}providers": the name of a provider must not be "internal" and must not contain "@", a quotation mark or a space, got ${JSON.stringify(bad)}`
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice === undefined) return undefined
  return `option "${place}providers" has two with the name "${twice}": give one of them another`
}
