import type { Application } from '../../http/application.ts'
import type { Address } from '../../net/address.ts'
import type { CommandCaller } from '../commands/commands.ts'
import type { ListenerWatch } from '../listener.ts'
import type { VersionedTraffic } from '../versioned-traffic.ts'
import type { PlacedService } from './connection-server.ts'
import type { ConnectionService, ServicePlace } from './connection-service.ts'

/** What an open entry point has for the service of its connections. */
interface PlaceSource extends Pick<ServicePlace, 'limits' | 'logger'> {
  readonly application: Application
  readonly statistics?: ServicePlace['statistics']
  readonly traffic: () => VersionedTraffic
  readonly commandCaller: () => Pick<CommandCaller, 'entryPoint'>
  readonly watch: Pick<ListenerWatch, 'findHolder'>
}

/** Opens a service at an entry point. */
export function placeService(service: ConnectionService, source: PlaceSource): PlacedService {
  const { application, limits, logger, statistics, traffic, commandCaller, watch } = source
  const place: ServicePlace = {
    server: application,
    limits,
    logger,
    statistics,
    // The object of an entry point that is made now isn't there yet.
    get entryPoint() {
      return commandCaller().entryPoint
    },
    get tasks() {
      return traffic().current.tasks
    },
    get isDraining() {
      return traffic().current.isDraining
    },
    isListenedOn: (address: Address) => watch.findHolder?.(address) !== undefined,
  }
  return { service, opened: service.open(place), place }
}
