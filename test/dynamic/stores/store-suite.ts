import { describeDocuments } from './document-suite.ts'
import type { StoreEngine } from './engines.ts'
import { describeOutages } from './outage-suite.ts'
import { describeProcesses } from './process-suite.ts'
import type { StoreKind } from './store-kinds.ts'
import { StoreWorld } from './store-world.ts'

/** What holds for each store, on a real engine. */
export function describeStore(kind: StoreKind, engine: () => StoreEngine): void {
  describe('as any store', () => {
    const world = new StoreWorld(kind, engine)
    describeDocuments(world)
    describeProcesses(world)
    describeOutages(world)
  })
}
