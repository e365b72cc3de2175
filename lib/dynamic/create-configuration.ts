import type { Verdict } from '../index.ts'
import type { ConfigurationParts, ConfigurationPort, Member } from '../kit.ts'
import { Aggregate } from './aggregate.ts'
import { configurationSchema } from './model/configuration-schema.ts'
import { redact } from './model/redact.ts'
import { InMemory } from './providers/memory-provider.ts'
import { refusal } from './watch/issues.ts'
import { WatchedConfiguration } from './watch/watched-configuration.ts'

/** The provider that the administration publishes through. */
const API = 'api'

/** Makes the configuration of a server. */
export function createConfiguration(parts: ConfigurationParts): ConfigurationPort {
  const { providers: given } = parts.options
  const own = given.find(({ name }) => name === API)
  const api = own ?? new InMemory(API)
  const providers = own === undefined ? [...given, api] : given
  const aggregate = new Aggregate(parts)
  const configuration = new WatchedConfiguration(parts, providers, aggregate, own === undefined ? API : undefined)
  const inMemory = providers.filter((provider) => provider instanceof InMemory)
  return {
    face: configuration,
    api: {
      get document() {
        return configuration.documentOf(API)
      },
      set: async (document) => (api instanceof InMemory ? api.set(document) : notOurs),
      withdraw: async () => (api instanceof InMemory ? api.withdraw() : notOurs),
    },
    nodes: () => aggregate.nodes(),
    redact,
    schema: configurationSchema,
    async start(signal) {
      for (const provider of inMemory) {
        provider.claim(parts.server)
        if (parts.member !== undefined) shareProvider(provider, parts.member, (name) => configuration.documentOf(name))
      }
      await configuration.start(signal)
    },
    async stop() {
      await configuration.stop()
      for (const provider of inMemory) provider.release(parts.server)
    },
  }
}

/** Lets what is set in any of the workers be published in that in which the providers run. */
function shareProvider(provider: InMemory, member: Member, documentOf: (name: string) => object | undefined): void {
  const topic = `set of ${provider.name}`
  const put = (document: object | undefined) => (document === undefined ? provider.withdraw() : provider.set(document))
  member.answer(topic, (document) => put(document as object | undefined))
  provider.shareWith({
    isHere: () => member.isLeader,
    current: () => documentOf(provider.name),
    async send(document) {
      const [verdict] = await member.ask(topic, document, 'leader')
      return (verdict as Verdict | undefined) ?? refusal(noLeader)
    },
  })
}

const noLeader = [{ path: '', message: 'no worker runs the providers at the moment: try again' }]

const notOurs: Verdict = {
  applied: false,
  issues: [
    {
      path: '',
      message: `the provider "${API}" of the option "configuration.providers" publishes by itself: create it with memoryProvider, or name it otherwise`,
    },
  ],
}
