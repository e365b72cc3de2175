import { StateError } from '../base/errors.ts'
import { runHookOf } from '../base/hook-runs.ts'
import { runInSlices, type Steps } from '../base/steps.ts'
import { unlessAborted } from '../base/unless-aborted.ts'
import { describeAmong, findAdded, nothingBound } from '../binding/list-routes.ts'
import type { RouteInfo } from '../http/application.ts'
import { runAsNoRequest } from '../observe/current-request.ts'
import { preloadWebSockets } from '../websocket/web-socket-endpoint.ts'
import type { LayerBuild, Replaced } from './layer.ts'
import type { LayerContent } from './layer-content.ts'
import { type BuildPlace, LayerRoutes } from './layer-routes.ts'

/** What a replacement adds to the routes of its layer, and takes away. */
export interface Changes {
  readonly added: readonly RouteInfo[]
  readonly removed: readonly RouteInfo[]
}

/** What came of the replacement of several layers. */
export interface ReplacedTogether extends Omit<Replaced, 'added' | 'removed'> {
  /** By the name of the layer. */
  readonly changes: ReadonlyMap<string, Changes>
}

/**
 * Runs a build, and indexes what it has bound in slices, between which requests are served.
 *
 * @param others returns what the other layers have
 * @throws what the build throws; DuplicateRouteError for a route that another layer has; the reason of the signal
 */
export async function buildContent(
  build: LayerBuild,
  place: BuildPlace,
  others: () => readonly LayerContent[],
): Promise<Changes> {
  const { content, before, signal } = place
  const { layer, registry } = content
  registry.others = () => others().map((other) => other.registry)
  try {
    const routes = new LayerRoutes(place)
    await unlessAborted(
      signal,
      runAsNoRequest(() => runHookOf(content, () => build(routes, signal))),
    )
  } finally {
    // Code of the build may be kept for long, such as by the stacks of what it bound.
    place.before = undefined
    registry.others = () => []
    registry.freeze(
      () =>
        new StateError(`layer "${layer}": its build has ended: bind within the build, or replace the layer`, {
          failure: 'ERR_TRIBIND_LAYER_BUILT',
        }),
    )
  }
  const changes = await runInSlices(index(content, before, others()), signal)
  if (content.sorted.webSockets.length > 0) await preloadWebSockets()
  return changes
}

function* index(
  content: LayerContent,
  before: LayerContent | undefined,
  others: readonly LayerContent[],
): Steps<Changes> {
  yield* content.index()
  const had = before?.sorted ?? nothingBound
  const added = yield* findAdded(had, content.sorted)
  const removed = yield* findAdded(content.sorted, had)
  const among = others.map(({ sorted }) => sorted)
  return {
    added: yield* describeAmong(added, [...among, content.sorted]),
    removed: yield* describeAmong(removed, [...among, had]),
  }
}
