import { expect } from 'chai'
import fc from 'fast-check'
import { Selector, type SelectorNode } from '../../../../lib/forward/selector/selector.ts'
import type { StrategyName } from '../../../../lib/forward/selector/selector-options.ts'

const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 })
const strategyNames: StrategyName[] = ['round', 'rand', 'fifo', 'hash', 'least']

function createNodes(weightList: readonly number[]): SelectorNode[] {
  return weightList.map((weight, i) => ({ id: `node ${i}`, weight, backup: false }))
}

const setting = { maxFails: 1, failTimeout: 1000 }

describe('Selector, properties', () => {
  it('round: each node has exactly its weight in every full turn', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 3 }), (list, turns) => {
        const selector = new Selector(createNodes(list), { ...setting, strategy: 'round' })
        const sum = list.reduce((a, b) => a + b)
        const counts = new Map<string, number>()
        for (let i = 0; i < sum * turns; i++) {
          const id = selector.take()?.node.id as string
          counts.set(id, (counts.get(id) ?? 0) + 1)
        }
        expect(list.map((_, i) => counts.get(`node ${i}`))).to.deep.equal(list.map((weight) => weight * turns))
      }),
    )
  })

  it('round: the counters stay small, whatever is left out in between', () => {
    fc.assert(
      fc.property(weights, fc.array(fc.nat(63), { minLength: 200, maxLength: 400 }), (list, masks) => {
        const nodes = createNodes(list)
        const selector = new Selector(nodes, { ...setting, strategy: 'round' })
        for (const mask of masks) selector.take({ tried: new Set(nodes.filter((_, i) => mask & (1 << i))) })
        const sum = list.reduce((a, b) => a + b)
        for (const { credit } of selector.entries) expect(Math.abs(credit)).to.be.at.most(sum * list.length)
      }),
    )
  })

  it('rand and hash: nodes get their share in the long run', () => {
    const list = [1, 2, 5]
    for (const strategy of ['rand', 'hash'] as const) {
      const selector = new Selector(createNodes(list), { ...setting, strategy })
      const counts = new Map<string, number>()
      for (let i = 0; i < 16_000; i++) {
        const id = selector.take({ key: () => `192.0.2.${i}` })?.node.id as string
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
      for (const [i, weight] of list.entries())
        expect(counts.get(`node ${i}`)).to.be.closeTo(weight * 2000, 300, `${strategy} ${weight}`)
    }
  })

  it('hash: a node that is added takes keys and moves no other', () => {
    fc.assert(
      fc.property(
        weights,
        fc.array(fc.string(), { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        (list, keys, weight) => {
          const before = new Selector(createNodes(list), { ...setting, strategy: 'hash' })
          const after = new Selector(createNodes([...list, weight]), { ...setting, strategy: 'hash' })
          for (const text of keys) {
            const was = before.take({ key: () => text })?.node.id
            const is = after.take({ key: () => text })?.node.id
            expect(is).to.be.oneOf([was, `node ${list.length}`])
          }
        },
      ),
    )
  })

  it('hash: a node whose weight grows takes keys and moves no other', () => {
    fc.assert(
      fc.property(weights, fc.array(fc.string(), { minLength: 1 }), (list, keys) => {
        const before = new Selector(createNodes(list), { ...setting, strategy: 'hash' })
        const after = new Selector(createNodes(list.with(0, (list[0] as number) + 3)), { ...setting, strategy: 'hash' })
        for (const text of keys) {
          const was = before.take({ key: () => text })?.node.id
          expect(after.take({ key: () => text })?.node.id).to.be.oneOf([was, 'node 0'])
        }
      }),
    )
  })

  it('takes every node once before there is none left, by any strategy', () => {
    const nodesOf = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), backup: fc.boolean() }), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(nodesOf, fc.constantFrom(...strategyNames), fc.array(fc.nat(5)), (list, strategy, failing) => {
        const nodes = list.map((node, i) => ({ ...node, id: `node ${i}` }))
        const selector = new Selector(nodes, { ...setting, strategy })
        for (const i of failing) selector.take({ tried: new Set(nodes.slice(0, i)) })?.failed(new Error('failed'))
        const tried = new Set<SelectorNode>()
        for (;;) {
          const use = selector.take({ tried, key: () => 'key' })
          if (use === undefined) break
          expect(tried.has(use.node)).to.equal(false)
          tried.add(use.node as never)
          use.end()
        }
        expect(tried.size).to.equal(nodes.length)
        for (const { state } of selector.entries) expect(state.activeRequests).to.be.at.least(0)
      }),
    )
  })

  it('lets at most one request try a failed node at a time while others are up', () => {
    const steps = fc.array(
      fc.record({ wait: fc.nat(400), outcome: fc.constantFrom('hold', 'succeed', 'fail', 'leave') }),
      { maxLength: 100 },
    )
    fc.assert(
      fc.property(steps, fc.constantFrom(...strategyNames), (list, strategy) => {
        let now = 0
        const selector = new Selector(createNodes([1, 1]), { ...setting, strategy, now: () => now, failTimeout: 300 })
        const state = selector.entries[0]?.state
        selector.take({ tried: new Set([selector.entries[1]?.node as SelectorNode]) })?.failed(new Error('failed'))
        let trials = 0
        for (const { wait, outcome } of list) {
          now += wait
          const wasFailed = state?.name === 'failed'
          const use = selector.take({ key: () => String(now) })
          const isTrial = wasFailed && use?.node.id === 'node 0'
          if (isTrial) expect(trials).to.equal(0)
          if (outcome === 'hold') trials += isTrial ? 1 : 0
          else if (use?.node.id === 'node 1' || outcome === 'leave') use?.end()
          else if (outcome === 'succeed') use?.succeeded()
          else use?.failed(new Error('failed'))
          if (outcome === 'succeed' && state?.name === 'up') break
        }
      }),
    )
  })
})
