import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import type { EntryPointState } from '../../lib/entrypoint/entry-point-status.ts'
import { Observers } from '../../lib/entrypoint/observers/observers.ts'
import type { ObserverEvent } from '../../lib/entrypoint/observers/observer-event.ts'
import type { ReadObserver } from '../../lib/entrypoint/observers/observer-options.ts'
import { noStats } from '../../lib/entrypoint/statistics.ts'
import { collectingLogger } from '../feature/both-ways.ts'

// Too short to be set as options.
const PERIOD_MS = 2
const TIMEOUT_MS = 6

/**
 * What becomes of a delivery. `slow` is accepted after more than a period; `lost` and `late` are taken, but the answer is an error
 * or comes after the timeout.
 */
const arbitraryVerdict = fc.constantFrom('accepted', 'slow', 'refused', 'thrown', 'lost', 'stuck', 'late')

const arbitraryStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('serve' as const), bytes: fc.nat(10_000) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('period' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('tell' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('flood' as const), count: fc.integer({ min: 600, max: 1100 }) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('reopen' as const) }) },
)

type Step = typeof arbitraryStep extends fc.Arbitrary<infer S> ? S : never
type Verdict = typeof arbitraryVerdict extends fc.Arbitrary<infer V> ? V : never

const arbitraryObserver = fc.record({
  verdicts: fc.array(arbitraryVerdict, { maxLength: 15, size: 'max' }),
  resetTraffic: fc.boolean(),
})

/** A receiver that keeps what it takes by the verdicts, and then accepts all. */
class Receiver {
  readonly taken = new Map<string, ObserverEvent>()
  deliveries = 0
  underWay = 0
  readonly #verdicts: Verdict[]

  constructor(verdicts: readonly Verdict[]) {
    this.#verdicts = [...verdicts]
  }

  readonly report = (events: ObserverEvent[], signal: AbortSignal): unknown => {
    expect(this.underWay, 'one at a time').to.equal(0)
    this.deliveries++
    const verdict = this.#verdicts.shift() ?? 'accepted'
    if (verdict === 'refused') return false
    if (verdict === 'thrown') throw new Error('thrown')
    if (verdict !== 'stuck') this.#take(events)
    if (verdict === 'lost') return Promise.reject(new Error('the answer was lost'))
    if (verdict === 'accepted') return true
    this.underWay++
    return new Promise((resolve) => {
      signal.addEventListener('abort', resolve)
      if (verdict === 'slow') setTimeout(resolve, 1.5 * PERIOD_MS)
    }).finally(() => this.underWay--)
  }

  /** Takes events as a receiver does that knows them by their `id`. */
  #take(events: readonly ObserverEvent[]): void {
    expect(events.length).to.be.within(1, 1000)
    let last = 0
    for (const event of events) {
      if (event.seq <= last) expect.fail(`${event.seq} follows ${last}`)
      last = event.seq
      const known = this.taken.get(event.id)
      if (known === undefined) this.taken.set(event.id, event)
      // Of what is sent again, only the count of those dropped before it may have grown.
      else if (print(event) !== print(known)) expect.fail(`${print(event)} was ${print(known)}`)
    }
  }

  get bytes(): number {
    return [...this.taken.values()].reduce(
      (sum, event) => sum + (event.type === 'stats' ? event.stats.inputBytes : 0),
      0,
    )
  }

  get lastTotal(): number {
    return [...this.taken.values()].findLast((event) => event.type === 'stats')?.stats.inputBytes ?? 0
  }
}

const print = (event: ObserverEvent) => JSON.stringify({ ...event, dropped: undefined })

async function play(steps: readonly Step[], given: readonly { verdicts: Verdict[]; resetTraffic: boolean }[]) {
  const totals = { ...noStats }
  const receivers = given.map(({ verdicts }) => new Receiver(verdicts))
  const options = given.map(({ resetTraffic }, i): ReadObserver => ({
    name: `observer ${i}`,
    report: (receivers[i] as Receiver).report,
    period: PERIOD_MS,
    timeout: TIMEOUT_MS,
    resetTraffic,
  }))
  const web = {
    name: 'web',
    labels: {},
    get stats() {
      return { ...totals }
    },
  }
  const observers = new Observers(web, collectingLogger())
  observers.use(options)
  let told = 0
  const tell = (state: EntryPointState = 'ready') => {
    observers.tell({ state, msg: `service web is ${state}`, time: 0 })
    told++
  }
  tell()
  for (const step of steps) {
    if (step.does === 'serve') totals.inputBytes += step.bytes
    if (step.does === 'tell') tell()
    if (step.does === 'flood') for (let i = 0; i < step.count; i++) tell()
    if (step.does === 'period') await sleep(PERIOD_MS)
    if (step.does === 'reopen') {
      tell('closed')
      observers.use(options)
      tell('running')
    }
    await sleep(0)
  }
  tell('closed')
  while (observers.status().some(({ pending }) => pending > 0)) await sleep(PERIOD_MS)
  // Figures that the queue had no room for come with a further period.
  await sleep(2 * PERIOD_MS)
  while (observers.status().some(({ pending }) => pending > 0)) await sleep(PERIOD_MS)
  const statuses = observers.status()
  await observers.close()
  return { receivers, statuses, told, totals }
}

describe('what observers accept', function () {
  this.timeout(60_000)

  it('adds up exactly and is in order, whatever is refused, late or lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryStep, { maxLength: 25, size: 'max' }),
        fc.array(arbitraryObserver, { minLength: 1, maxLength: 3 }),
        async (steps, given) => {
          const { receivers, statuses, told, totals } = await play(steps, given)
          statuses.forEach(({ pending, dropped }, i) => {
            const { taken, bytes, lastTotal } = receivers[i] as Receiver
            expect(pending).to.equal(0)
            expect(given[i]?.resetTraffic ? bytes : lastTotal, 'bytes').to.equal(totals.inputBytes)
            const events = [...taken.values()]
            // What was dropped after it was taken, with its answer lost, counts in both.
            const missing = (events.at(-1)?.seq ?? 0) - events.length
            expect(dropped).to.be.at.least(missing)
            expect(events.filter(({ type }) => type === 'status').length).to.be.at.least(told - dropped)
          })
        },
      ),
      { numRuns: 60 },
    )
  })
})
