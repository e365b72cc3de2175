import type { Application, ConfigurationIssue, LayerRoutes } from '../../index.ts'
import type { Provided, Steps } from '../../kit.ts'
import type { Model } from '../model/model.ts'
import type { Part } from '../model/part.ts'
import type { Instances } from './instances.ts'
import { LayerBinder, type TakenRoutes } from './layer-binder.ts'
import { Maker } from './maker.ts'

/** What was found when a layer was built, by the paths of parts. */
export interface LayerOutcome {
  /** What is wrong beside what the model says. */
  readonly issues: ReadonlyMap<string, readonly ConfigurationIssue[]>
  /** The parts that can't be used, and the routes that don't serve. */
  readonly disabled: ReadonlySet<string>
  /** The routes that are bound at some of their entry points alone. */
  readonly halfBound: ReadonlySet<string>
}

/** What layers are built with. */
export interface BuildEnvironment {
  readonly server: Application
  readonly provided: Provided
  readonly instances: Instances
}

/** Builds the layer of a provider. */
export function* buildLayer(
  routes: LayerRoutes,
  model: Model,
  provider: string,
  { server, provided, instances }: BuildEnvironment,
  taken: TakenRoutes,
): Steps<LayerOutcome> {
  const lease = instances.lease()
  routes.onRetire(() => lease.release())
  const maker = new Maker(lease, server, provided)
  const binder = new LayerBinder(routes, maker, taken)
  const parts = model.partsOf(provider)
  // Those too that no route refers to: what is wrong with them is told.
  for (const part of parts) {
    if (part.place.type !== 'routes') maker.make(part)
    yield
  }
  for (const part of parts) {
    if (part.place.type === 'routes') binder.bind(part)
    yield
  }
  const issues = new Map<string, readonly ConfigurationIssue[]>(pathsOf(binder.issues))
  for (const [part, issue] of maker.issues) if (part.place.provider === provider) issues.set(part.place.path, [issue])
  const disabled = [...binder.disabled, ...parts.filter((part) => maker.isUnusable(part))]
  return {
    issues,
    disabled: new Set(disabled.map(({ place }) => place.path)),
    halfBound: new Set([...binder.halfBound].map(({ place }) => place.path)),
  }
}

function pathsOf<T>(byPart: ReadonlyMap<Part, T>): [string, T][] {
  return Array.from(byPart, ([{ place }, value]) => [place.path, value])
}
