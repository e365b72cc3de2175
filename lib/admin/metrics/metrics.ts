import type { Gauge, Registry } from 'prom-client'
import { ConfigError, type Server } from '../../index.ts'
import type { RequestObserver } from '../../kit.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { Problem } from '../problem.ts'
import { configurationMetrics } from './configuration-metrics.ts'
import { nodeMetrics } from './node-metrics.ts'
import { type PromClient, promClientPackage } from './prom-client-package.ts'
import { RequestMetrics } from './request-metrics.ts'
import type { ReadMetric } from './sample.ts'
import { serverMetrics } from './server-metrics.ts'

/** The metrics of a server, in the text form of Prometheus. They need the package `prom-client`; without it, nothing is counted. */
export class Metrics {
  readonly endpoints: Endpoints = {
    'GET:/metrics': async (request) => {
      const { response } = request
      const { registry, requests } = this.#counting ?? this.#missing()
      requests.sweep()
      if (this.#world.shared?.isFromWorker(request) === true) return registry.getMetricsAsJSON()
      const text = await registry.metrics()
      response.setHeader('Content-Type', registry.contentType)
      response.write(text)
      return undefined
    },
  }
  readonly #world: AdminWorld
  readonly #counting: Counting | undefined
  #problem: ConfigError | undefined

  constructor(world: AdminWorld) {
    this.#world = world
    this.#counting = this.#load(world)
    if (world.shared !== undefined) world.shared.mergeMetrics = merge
  }

  /** Counts requests. */
  get observer(): RequestObserver {
    return this.#counting?.requests.observer ?? {}
  }

  #load(world: AdminWorld): Counting | undefined {
    try {
      return count(world, promClientPackage())
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      this.#problem = error
      return undefined
    }
  }

  #missing(): never {
    throw new Problem(501, this.#problem?.message ?? '', { failure: 'ERR_TRIBIND_PACKAGE_MISSING' })
  }
}

interface Counting {
  readonly registry: Registry
  readonly requests: RequestMetrics
}

function count(world: AdminWorld, client: PromClient): Counting {
  // Not the global one, which is the application's.
  const registry = new client.Registry()
  const requests = new RequestMetrics(client, registry, world)
  countSwitches(client, registry, world.server)
  for (const metric of [...serverMetrics, ...configurationMetrics, ...nodeMetrics])
    readAtScrape(client, registry, metric, world)
  return { registry, requests }
}

/** Returns the metrics of several workers as one text. */
function merge(all: readonly unknown[]): Promise<string> {
  return promClientPackage()
    .AggregatorRegistry.aggregate(all as object[])
    .metrics()
}

/** What isn't read any more is gone. */
function readAtScrape({ Counter, Gauge }: PromClient, registry: Registry, metric: ReadMetric, world: AdminWorld): void {
  const { name, help, type, labels, read, ofAll = 'sum' } = metric
  const Kind = type === 'counter' ? Counter : Gauge
  const created = new Kind({
    name,
    help,
    labelNames: [...labels],
    aggregator: ofAll,
    registers: [],
    collect() {
      this.reset()
      for (const { labels = {}, value } of read(world)) (this as Gauge).inc(labels, value)
    },
  })
  registry.registerMetric(created)
}

/** Counts what happens to the versions of a server. */
function countSwitches({ Counter, Gauge }: PromClient, registry: Registry, server: Server): void {
  const registers = [registry]
  const switches = new Counter({
    name: 'tribind_switches_total',
    help: 'Switches to another version.',
    aggregator: 'max',
    registers,
  })
  const refusals = new Counter({
    name: 'tribind_refusals_total',
    help: 'Replacements of a layer, and configurations, that were refused.',
    aggregator: 'max',
    registers,
  })
  const versions = new Gauge({
    name: 'tribind_versions_in_use',
    help: 'Versions that requests still run by, with the one that is served.',
    aggregator: 'max',
    registers,
  })
  versions.set(1)
  let last = 0
  server
    .on('switched', ({ version }) => {
      // Layers that are switched together have an event each.
      if (version === last) return
      last = version
      switches.inc()
      versions.inc()
    })
    .on('refused', () => refusals.inc())
    .on('retired', () => versions.dec())
}
