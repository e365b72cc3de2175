import { canonical } from '../../dynamic/canonical.ts'
import { Chain } from '../../forward/chain/chain.ts'
import { type HopOptions, readHop } from '../../forward/chain/chain-options.ts'
import { Hop } from '../../forward/chain/hop.ts'
import type { ChainModel, HopModel, PartOrigin, ServicesModel } from '../services/model.ts'

/** What was made of a part of a model, which it is compared by. */
interface Made<Value> {
  readonly key: string
  readonly value: Value
}

/** Takes what is wrong with a part. */
export type Report = (origin: PartOrigin, error: unknown) => void

/**
 * The chains of a model. What is the same in the next model stays the same object; of a hop that has changed, what is known of the nodes
 * that stayed.
 */
export class RunningChains {
  readonly #hops = new Map<string, Made<Hop>>()
  readonly #chains = new Map<string, Made<Chain>>()

  constructor(
    { chains, hops }: Pick<ServicesModel, 'chains' | 'hops'>,
    before: RunningChains | undefined,
    report: Report,
  ) {
    for (const hop of hops) attempt(hop, report, () => this.#addHop(`@${hop.name}`, hop, before))
    for (const chain of chains) attempt(chain, report, () => this.#addChain(chain, before))
  }

  get(name: string): Chain | undefined {
    return this.#chains.get(name)?.value
  }

  /** Ends what it is about to connect. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#chains.values(), ({ value }) => value.close()))
  }

  #addHop(id: string, hop: Omit<HopModel, 'origin'>, before: RunningChains | undefined): void {
    const { origin: _, ...options } = hop as HopModel
    const key = canonical(options)
    const known = before === undefined ? undefined : before.#hops.get(id)
    const value = known?.key === key ? known.value : new Hop(readHop(options as HopOptions, ''), hop.name, known?.value)
    this.#hops.set(id, { key, value })
  }

  #addChain({ name, hops }: ChainModel, before: RunningChains | undefined): void {
    const ids = hops.map((hop, i) => {
      if (hop.nodes === undefined) return `@${hop.name}`
      const id = `${name}/${i}`
      this.#addHop(id, hop, before)
      return id
    })
    const key = canonical(ids.map((id) => [id, this.#hops.get(id)?.key]))
    const known = before === undefined ? undefined : before.#chains.get(name)
    const chain = known?.key === key ? known.value : new Chain({ name, hops: ids })
    chain.resolve(new Map(Array.from(this.#hops, ([id, { value }]) => [id, value])))
    chain.check()
    this.#chains.set(name, { key, value: chain })
  }
}

function attempt({ origin }: { readonly origin: PartOrigin }, report: Report, act: () => void): void {
  try {
    act()
  } catch (error) {
    report(origin, error)
  }
}
