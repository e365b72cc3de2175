import type { Registry } from 'prom-client'
import type { Server } from '../../index.ts'
import type { PromClient } from './prom-client-package.ts'

/** Counts what happens to the versions of a server. */
export function countSwitches({ Counter, Gauge }: PromClient, registry: Registry, server: Server): void {
  const registers = [registry]
  const switches = new Counter({ name: 'tribind_switches_total', help: 'Switches to another version.', registers })
  const refusals = new Counter({
    name: 'tribind_refusals_total',
    help: 'Replacements of a layer, and configurations, that were refused.',
    registers,
  })
  const versions = new Gauge({
    name: 'tribind_versions_in_use',
    help: 'Versions that requests still run by, with the one that is served.',
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
