import { expect } from 'chai'
import fc from 'fast-check'
import { Tasks } from '../../../lib/base/tasks.ts'

/** What can be done to tasks; numbers choose among those there are. */
const arbitraryStep = fc.oneof(
  fc.record({ does: fc.constant('open' as const), endsWhenAsked: fc.boolean() }),
  fc.record({ does: fc.constant('close' as const), which: fc.nat() }),
  fc.record({ does: fc.constant('add' as const), follows: fc.boolean() }),
  fc.record({ does: fc.constant('settle' as const), which: fc.nat() }),
  fc.record({ does: fc.constantFrom('end' as const, 'cut' as const, 'wait' as const) }),
)

type Step = typeof arbitraryStep extends fc.Arbitrary<infer S> ? S : never

interface Opened {
  readonly endsWhenAsked: boolean
  readonly done: () => void
  isOpen: boolean
  ended: number
  cut: number
}

interface Deferred {
  readonly settle: () => void
  /** How much of this work is still to be settled: itself and, after it, what follows it. */
  left: number
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Does the same to `Tasks` and to a list of what should be under way. */
class Model {
  readonly tasks = new Tasks()
  readonly opened: Opened[] = []
  readonly work: Deferred[] = []
  readonly waits: { isOver: boolean; wasDue: boolean }[] = []
  isEnding = false

  get count(): number {
    return this.opened.filter(({ isOpen }) => isOpen).length + this.work.filter(({ left }) => left > 0).length
  }

  async take(step: Step): Promise<void> {
    const { does } = step
    if (does === 'open') this.open(step.endsWhenAsked)
    else if (does === 'close') this.close(this.opened[step.which % this.opened.length])
    else if (does === 'add') this.add(step.follows)
    else if (does === 'settle') this.settle(this.work[step.which % this.work.length])
    else if (does === 'wait') this.wait()
    else this[does]()
    if (this.count === 0) for (const wait of this.waits) wait.wasDue = true
    await turn()
  }

  open(endsWhenAsked: boolean): void {
    let done = () => {}
    const opened: Opened = { endsWhenAsked, done: () => done(), isOpen: true, ended: 0, cut: 0 }
    const end = () => {
      opened.ended++
      if (endsWhenAsked) this.close(opened)
    }
    this.opened.push(opened)
    done = this.tasks.open({ end, cut: () => opened.cut++ })
    // What ends while it is opened has nothing to be closed by yet.
    if (!opened.isOpen) done()
  }

  close(opened: Opened | undefined): void {
    if (opened === undefined) return
    opened.isOpen = false
    opened.done()
  }

  add(follows: boolean): void {
    let settleFirst = () => {}
    let settleSecond = () => {}
    const first = new Promise<void>((resolve) => (settleFirst = resolve))
    const second = new Promise<void>((resolve) => (settleSecond = resolve))
    const left = follows ? 2 : 1
    this.work.push({ settle: () => (this.work[place]?.left === left - 1 ? settleFirst() : settleSecond()), left })
    const place = this.work.length - 1
    this.tasks.add(first, follows ? () => second : undefined)
  }

  settle(deferred: Deferred | undefined): void {
    if (deferred === undefined || deferred.left === 0) return
    deferred.left--
    deferred.settle()
  }

  wait(): void {
    const wait = { isOver: false, wasDue: false }
    this.waits.push(wait)
    void this.tasks.whenIdle().then(() => (wait.isOver = true))
  }

  end(): void {
    this.tasks.end()
    this.isEnding = true
  }

  cut(): void {
    const open = this.opened.filter(({ isOpen }) => isOpen)
    const before = open.map(({ cut }) => cut)
    this.tasks.cut()
    expect(open.map(({ cut }) => cut)).to.deep.equal(before.map((count) => count + 1))
    for (const opened of open) opened.isOpen = false
  }

  check(): void {
    expect(this.tasks.count).to.equal(this.count)
    for (const { isOver, wasDue } of this.waits) expect(isOver).to.equal(wasDue)
    for (const { isOpen, ended, endsWhenAsked } of this.opened) {
      if (isOpen && this.isEnding) expect(ended).to.be.greaterThan(0)
      if (isOpen && endsWhenAsked) expect(ended).to.equal(0)
      if (!this.isEnding) expect(ended).to.equal(0)
    }
  }
}

describe('base/tasks', () => {
  it('counts what is under way, and wakes who waits as soon as nothing is', async function () {
    this.timeout(20_000)
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryStep, { maxLength: 30 }), async (steps) => {
        const model = new Model()
        for (const step of steps) {
          await model.take(step)
          model.check()
        }
      }),
      { numRuns: 300 },
    )
  })

  it('forgets a task once, however often it says that it is done', () => {
    const tasks = new Tasks()
    const done = [tasks.open({}), tasks.open({})]
    done[0]?.()
    done[0]?.()
    expect(tasks.count).to.equal(1)
    tasks.cut()
    done[1]?.()
    expect(tasks.count).to.equal(0)
  })

  it('asks a task once that opens while others are asked to end', () => {
    const tasks = new Tasks()
    let asked = 0
    tasks.open({ end: () => void tasks.open({ end: () => asked++ }) })
    tasks.end()
    expect(asked).to.equal(1)
  })

  it('leaves open what opens while others are cut', () => {
    const tasks = new Tasks()
    let wasCut = 0
    tasks.open({ cut: () => void tasks.open({ cut: () => wasCut++ }) })
    tasks.cut()
    expect([tasks.count, wasCut]).to.deep.equal([1, 0])
    tasks.cut()
    expect([tasks.count, wasCut]).to.deep.equal([0, 1])
  })

  it('says that it is full when it becomes so, and again only once half has ended', () => {
    const arbitraryMoves = fc.array(fc.boolean(), { maxLength: 60 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), arbitraryMoves, (max, moves) => {
        let [told, expected, isTold] = [0, 0, false]
        const tasks = new Tasks({ max, onFull: () => told++ })
        const open: (() => void)[] = []
        for (const opens of moves) {
          if (opens) open.push(tasks.open({}))
          else open.pop()?.()
          if (open.length <= max / 2) isTold = false
          if (open.length >= max && !isTold) {
            isTold = true
            expected++
          }
          expect([tasks.isFull, told]).to.deep.equal([open.length >= max, expected])
        }
      }),
    )
  })
})
