import type { ConfigurationStatus, ProviderStatus } from '../../index.ts'
import type { AdminWorld } from '../admin-world.ts'
import { countBy } from '../count-by.ts'
import { type ReadMetric, single, states } from './sample.ts'

const providerStates = ['starting', 'ok', 'stale', 'failed']

/** Of the configurations that providers publish. */
export const configurationMetrics: readonly ReadMetric[] = [
  {
    name: 'tribind_configuration_version',
    help: 'The version in which the configuration was last changed; 0 before.',
    type: 'gauge',
    ofAll: 'max',
    labels: [],
    read: (world) => ofStatus(world, ({ version }) => single(version)),
  },
  {
    name: 'tribind_configuration_applied_timestamp_seconds',
    help: 'When the configuration was last changed, in seconds since 1970.',
    type: 'gauge',
    ofAll: 'max',
    labels: [],
    read: (world) => ofStatus(world, ({ appliedAt }) => (appliedAt === undefined ? [] : single(appliedAt / 1000))),
  },
  {
    name: 'tribind_configuration_pinned',
    help: 'Whether an older version is served, and what providers publish is held back.',
    type: 'gauge',
    ofAll: 'max',
    labels: [],
    read: (world) => ofStatus(world, ({ pinned }) => single(Number(pinned))),
  },
  {
    name: 'tribind_configuration_parts',
    help: 'Routes, services and middlewares of configurations, by status.',
    type: 'gauge',
    ofAll: 'max',
    labels: ['kind', 'status'],
    read: (world) =>
      ofStatus(world, (status) =>
        (['routes', 'services', 'middlewares'] as const).flatMap((kind) => {
          const { total: _, ...counts } = countBy(status[kind], (part) => part.status)
          const all: Record<string, number> = { enabled: 0, disabled: 0, warning: 0, ...counts }
          return Object.entries(all).map(([status, value]) => ({ labels: { kind, status }, value }))
        }),
      ),
  },
  {
    name: 'tribind_provider_state',
    help: '1 for the state that a provider has, 0 for the others.',
    type: 'gauge',
    labels: ['provider', 'state'],
    read: (world) =>
      ofProviders(world, (providers) =>
        providers.flatMap(({ name, state }) => states({ provider: name }, 'state', providerStates, state)),
      ),
  },
  {
    name: 'tribind_provider_issues',
    help: 'What is wrong with what a provider published last.',
    type: 'gauge',
    labels: ['provider'],
    read: (world) =>
      ofProviders(world, (providers) =>
        providers.map(({ name, issues }) => ({ labels: { provider: name }, value: issues.length })),
      ),
  },
  ofProvider('tribind_provider_last_publish_timestamp_seconds', 'When a provider last published', 'lastPublishAt'),
  ofProvider(
    'tribind_provider_last_contact_timestamp_seconds',
    'When a provider last reached its source',
    'lastContactAt',
  ),
]

function ofStatus<Samples>(
  { parts }: AdminWorld,
  read: (status: ConfigurationStatus) => readonly Samples[],
): readonly Samples[] {
  const status = parts.configuration.port?.face.status()
  return status === undefined ? [] : read(status)
}

/** The worker in which the providers run knows of them. */
function ofProviders<Samples>(
  world: AdminWorld,
  read: (providers: readonly ProviderStatus[]) => readonly Samples[],
): readonly Samples[] {
  return world.shared?.isLeader === false ? [] : ofStatus(world, ({ providers }) => read(providers))
}

function ofProvider(name: string, help: string, time: keyof ProviderStatus & `last${string}At`): ReadMetric {
  return {
    name,
    help: `${help}, in seconds since 1970.`,
    type: 'gauge',
    labels: ['provider'],
    read: (world) =>
      ofProviders(world, (providers) =>
        providers.flatMap((provider) => {
          const at = provider[time]
          return at === undefined ? [] : { labels: { provider: provider.name }, value: at / 1000 }
        }),
      ),
  }
}
