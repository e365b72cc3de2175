import { failoverService } from '../services/failover.ts'
import { forwardService } from '../services/forward.ts'
import { jsonService, textService } from '../services/fixed.ts'
import { mirrorService } from '../services/mirror.ts'
import { redirectService } from '../services/fixed.ts'
import { staticService } from '../services/static.ts'
import { useService } from '../services/use.ts'
import { weightedService } from '../services/weighted.ts'
import type { Kind, Service } from './kind.ts'

const kinds: readonly Kind<Service>[] = [
  useService,
  forwardService,
  staticService,
  redirectService,
  textService,
  jsonService,
  weightedService,
  mirrorService,
  failoverService,
]

/** The kinds of services, by name. */
export const serviceKinds: ReadonlyMap<string, Kind<Service>> = new Map(kinds.map((kind) => [kind.name, kind]))
