import type { Application } from '../http/application.ts'
import type { Layers } from '../layers/layers.ts'
import type { EntryPoints } from './entry-points.ts'
import type { ServerConfiguration } from './server-configuration.ts'

/** What a server has inside, for what tells what is bound there. */
export interface ServerInside {
  readonly layers: Pick<Layers, 'listing' | 'explain'>
  readonly entryPoints: Pick<EntryPoints, 'insideOf'>
  readonly configuration: Pick<ServerConfiguration, 'providers'>
}

const insides = new WeakMap<Application, ServerInside>()

/** Keeps what a server has inside. */
export function keepInside(server: Application, inside: ServerInside): void {
  insides.set(server, inside)
}

/** Returns what a server has inside; `undefined` for one of another copy of the package. */
export function insideOf(server: Application): ServerInside | undefined {
  return insides.get(server)
}
