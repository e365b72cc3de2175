import { Server, type ServerOptions } from 'tribind'
import { Aggregate, type Applied } from '../../../lib/dynamic/aggregate.ts'
import { type ConfigurationParts, configurationWing } from '../../../lib/kit.ts'

/** A server whose documents a test applies itself, without providers. */
export interface World {
  readonly server: Server
  readonly aggregate: Aggregate
  /** Applies the documents of several providers. */
  apply(documents: Record<string, object>): Promise<Applied>
  check(documents: Record<string, object>): Promise<Record<string, unknown>>
  /** Sends a request in process and returns status and text, such as `200 Hello`. */
  get(url: string, options?: object): Promise<string>
}

/** Creates a server and what serves documents there. */
export function createWorld(onInvalid: 'refuse' | 'isolate' = 'refuse', options: ServerOptions = {}): World {
  let parts: ConfigurationParts | undefined
  const before = configurationWing.maker
  configurationWing.provide((given) => {
    parts = given
    return { face: {}, start: async () => {}, stop: async () => {} } as never
  })
  const server = new Server({ ...options, configuration: { providers: [], onInvalid } })
  void server.configuration
  if (before !== undefined) configurationWing.provide(before)
  const aggregate = new Aggregate(parts as ConfigurationParts)
  return {
    server,
    aggregate,
    apply: (documents) => aggregate.apply(new Map(Object.entries(documents))),
    check: async (documents) => Object.fromEntries(await aggregate.check(new Map(Object.entries(documents)))),
    get: async (url, given = {}) => {
      const answer = await server.inject({ url, ...given })
      return `${answer.status} ${answer.text()}`
    },
  }
}
