import { expect } from 'chai'
import type { NodeState } from '../../../../lib/forward/selector/node-state.ts'
import type { NodeUse } from '../../../../lib/forward/selector/node-use.ts'
import { Selector, type SelectorNode, type SelectorSetting } from '../../../../lib/forward/selector/selector.ts'

interface TestNode extends SelectorNode {
  readonly id: string
}

const node = (id: string, more: Partial<TestNode> = {}): TestNode => ({ id, weight: 1, backup: false, ...more })

/** A selector with a clock that is set by hand. */
function createWorld(nodes: readonly TestNode[], setting: Partial<SelectorSetting> = {}) {
  const clock = { now: 1000 }
  const selector = new Selector(nodes, {
    strategy: 'round',
    maxFails: 1,
    failTimeout: 100,
    now: () => clock.now,
    ...setting,
  })
  const take = (choice?: Parameters<typeof selector.take>[0]) => selector.take(choice) as NodeUse<TestNode>
  /** The ids of the next nodes, each succeeding. */
  const draw = (count: number, choice?: Parameters<typeof selector.take>[0]) =>
    Array.from({ length: count }, () => {
      const use = take(choice)
      use.succeeded()
      use.end()
      return use.node.id
    }).join('')
  const fail = (id: string) => {
    const tried = new Set(nodes.filter((other) => other.id !== id))
    const use = take({ tried })
    use.failed(new Error(`${id} failed`))
    use.end()
  }
  const states = () => selector.entries.map(({ state }) => state.name).join(' ')
  return { clock, selector, take, draw, fail, states }
}

describe('Selector', () => {
  describe('strategies', () => {
    it('round takes the nodes in turn', () => {
      expect(createWorld([node('a'), node('b'), node('c')]).draw(7)).to.equal('abcabca')
    })

    it('round mixes nodes by weight, as nginx does', () => {
      expect(createWorld([node('a', { weight: 5 }), node('b'), node('c')]).draw(14)).to.equal('aabacaaaabacaa')
      expect(createWorld([node('a', { weight: 2 }), node('b', { weight: 3 })]).draw(10)).to.equal('bababbabab')
    })

    it('rand takes nodes by weight', () => {
      const numbers = [0, 0.24, 0.25, 0.74, 0.75, 0.999]
      const { draw } = createWorld([node('a'), node('b', { weight: 2 }), node('c')], {
        strategy: 'rand',
        random: () => numbers.shift() as number,
      })
      expect(draw(6)).to.equal('aabbcc')
    })

    it('fifo takes the first that is up', () => {
      const { draw, fail, clock } = createWorld([node('a'), node('b'), node('c')], { strategy: 'fifo' })
      expect(draw(3)).to.equal('aaa')
      fail('a')
      expect(draw(2)).to.equal('bb')
      fail('b')
      expect(draw(2)).to.equal('cc')
      clock.now += 100
      expect(draw(2)).to.equal('aa')
    })

    it('hash takes the same node for a key, and moves only the keys of one that fails', () => {
      const { draw, fail } = createWorld([node('a'), node('b'), node('c')], { strategy: 'hash' })
      const keys = Array.from({ length: 300 }, (_, i) => `key ${i}`)
      const before = keys.map((key) => draw(1, { key: () => key }))
      expect(keys.map((key) => draw(1, { key: () => key }))).to.deep.equal(before)
      expect(new Set(before).size).to.equal(3)
      fail('b')
      const after = keys.map((key) => draw(1, { key: () => key }))
      for (const [i, id] of before.entries()) if (id !== 'b') expect(after[i]).to.equal(id)
      expect(new Set(after.filter((_, i) => before[i] === 'b'))).to.deep.equal(new Set(['a', 'c']))
    })

    it('least takes the node with the fewest requests by weight', () => {
      const { take, draw } = createWorld([node('a', { weight: 2 }), node('b')], { strategy: 'least' })
      const uses = Array.from({ length: 6 }, () => take())
      expect(uses.map((use) => use.node.id).join('')).to.equal('ababaa')
      for (const use of uses) if (use.node.id === 'b') use.end()
      expect(draw(3)).to.equal('bbb')
    })

    it('least takes turns by weight among those with equally few', () => {
      expect(createWorld([node('a'), node('b', { weight: 2 })], { strategy: 'least' }).draw(6)).to.equal('babbab')
    })

    it('counts a request as active until its end, also after its outcome', () => {
      const { take, selector } = createWorld([node('a')])
      const use = take()
      use.succeeded()
      expect(selector.entries[0]?.state.activeRequests).to.equal(1)
      use.end()
      use.end()
      expect(selector.entries[0]?.state).to.include({ activeRequests: 0, totalRequests: 1 })
    })
  })

  describe('failures', () => {
    it('leaves a node out once maxFails failures have followed one another', () => {
      const { draw, fail, states, selector } = createWorld([node('a'), node('b')], { maxFails: 2 })
      fail('a')
      expect(states()).to.equal('up up')
      expect(draw(2)).to.include('a')
      expect(selector.entries[0]?.state.fails).to.equal(0)
      fail('a')
      fail('a')
      expect(states()).to.equal('failed up')
      expect(selector.entries[0]?.state).to.include({ fails: 2, lastError: 'a failed' })
      expect(draw(3)).to.equal('bbb')
    })

    it('never leaves a node out with maxFails 0', () => {
      const { draw, fail } = createWorld([node('a'), node('b')], { maxFails: 0 })
      for (let i = 0; i < 10; i++) fail('a')
      expect(draw(4)).to.include('a')
    })

    it('goes by the limits of a node before those of the selector', () => {
      const { fail, states, clock, draw } = createWorld([node('a', { maxFails: 2, failTimeout: 500 }), node('b')])
      fail('a')
      expect(states()).to.equal('up up')
      fail('a')
      expect(states()).to.equal('failed up')
      clock.now += 499
      expect(draw(3)).to.equal('bbb')
      clock.now += 1
      expect(draw(3)).to.include('a')
    })

    it('lets one request at a time try a node after failTimeout, until it succeeds', () => {
      const { take, fail, clock, states } = createWorld([node('a'), node('b')], { strategy: 'fifo' })
      fail('a')
      clock.now += 100
      const trial = take()
      expect(trial.node.id).to.equal('a')
      expect([take(), take()].map((use) => use.node.id)).to.deep.equal(['b', 'b'])
      expect(states()).to.equal('failed up')
      trial.succeeded()
      expect(states()).to.equal('up up')
      expect([take(), take()].map((use) => use.node.id)).to.deep.equal(['a', 'a'])
    })

    it('starts failTimeout anew after a trial that fails', () => {
      const { take, fail, clock, draw } = createWorld([node('a'), node('b')], { strategy: 'fifo' })
      fail('a')
      clock.now += 150
      take().failed(new Error('again'))
      clock.now += 99
      expect(draw(2)).to.equal('bb')
      clock.now += 1
      expect(draw(2)).to.equal('aa')
    })

    it("doesn't count a trial whose client left", () => {
      const { take, fail, clock, states } = createWorld([node('a'), node('b')], { strategy: 'fifo' })
      fail('a')
      clock.now += 100
      take().end()
      expect(states()).to.equal('failed up')
      const next = take()
      expect(next.node.id).to.equal('a')
      next.left()
      expect(take().node.id).to.equal('a')
    })

    it('takes no notice of what began before the node failed', () => {
      const { take, fail, states } = createWorld([node('a'), node('b')], { strategy: 'fifo' })
      const [early, second] = [take(), take()]
      fail('a')
      early.succeeded()
      expect(states()).to.equal('failed up')
      second.failed(new Error('late'))
      expect(states()).to.equal('failed up')
    })

    it('takes no notice of a failure of what began before the node recovered', () => {
      const { take, fail, states, clock } = createWorld([node('a'), node('b')], { strategy: 'fifo' })
      const early = take()
      fail('a')
      clock.now += 100
      take().succeeded()
      early.failed(new Error('late'))
      expect(states()).to.equal('up up')
    })

    it('tries the one that failed first where all have failed', () => {
      const { fail, draw, clock, take } = createWorld([node('a'), node('b'), node('c')])
      for (const id of ['b', 'c', 'a']) {
        clock.now++
        fail(id)
      }
      clock.now++
      take().failed(new Error('still'))
      expect(take().node.id).to.equal('c')
      expect(draw(1)).to.equal('c')
      expect(draw(2)).to.equal('cc')
    })

    it('uses backup nodes only where no other is left', () => {
      const { draw, fail, take, selector, clock } = createWorld([node('x', { backup: true }), node('a'), node('b')])
      expect(draw(4)).to.equal('abab')
      expect(draw(1, { tried: new Set(selector.entries.slice(1).map((entry) => entry.node)) })).to.equal('x')
      fail('a')
      expect(draw(2)).to.equal('bb')
      fail('b')
      expect(draw(2)).to.equal('xx')
      clock.now += 100
      expect(take().node.id).to.not.equal('x')
      expect(take().node.id).to.not.equal('x')
      expect(take().node.id).to.equal('x')
    })

    it('takes no node twice for one request', () => {
      const { take } = createWorld([node('a'), node('b')])
      const tried = new Set<TestNode>()
      for (let i = 0; i < 2; i++) tried.add(take({ tried }).node)
      expect(tried.size).to.equal(2)
      expect(take({ tried })).to.equal(undefined)
    })
  })

  describe('probes', () => {
    const found = (isUp: boolean) => ({ time: 1, isUp, status: undefined, error: isUp ? undefined : 'no answer' })

    it('leaves out a node that is down, also where all others have failed', () => {
      const { selector, draw, fail, take, states, clock } = createWorld([node('a'), node('b')])
      selector.entries[0]?.state.probed(found(false), { rise: 1, fall: 1 })
      expect(states()).to.equal('down up')
      clock.now += 1000
      expect(draw(2)).to.equal('bb')
      fail('b')
      expect(draw(1)).to.equal('b')
      selector.entries[1]?.state.probed(found(false), { rise: 1, fall: 1 })
      expect(take()).to.equal(undefined)
    })

    it('needs rise and fall results in a row', () => {
      const { selector, states } = createWorld([node('a')])
      const state = selector.entries[0]?.state as NodeState
      const limits = { rise: 2, fall: 3 }
      const seen = [false, false, true, false, false, false, true, false, true, true].map((isUp) => {
        state.probed(found(isUp), limits)
        return states()
      })
      expect(seen.join(' ')).to.equal('up up up up up down down down down up')
      expect(state.lastProbe).to.deep.equal(found(true))
    })

    it('takes back a node that has failed once its probe succeeds, whatever failTimeout', () => {
      const { selector, fail, states } = createWorld([node('a'), node('b')])
      fail('a')
      expect(states()).to.equal('failed up')
      selector.entries[0]?.state.probed(found(true), { rise: 1, fall: 1 })
      expect(states()).to.equal('up up')
    })
  })

  it('goes on with what is known of a node from another list', () => {
    const before = createWorld([node('a'), node('b'), node('c')])
    expect(before.draw(1)).to.equal('a')
    before.fail('b')
    const [a, b] = before.selector.entries as readonly Partial<TestNode>[]
    const { draw, states } = createWorld([node('d'), node('b', b), node('a', a)])
    expect(states()).to.equal('up failed up')
    expect(draw(3)).to.equal('dda')
  })

  it('keeps two states for a node that is twice in the list', () => {
    const { selector, take } = createWorld([node('a'), node('a')])
    take().failed(new Error('once'))
    expect(selector.entries.map(({ state }) => state.name)).to.deep.equal(['failed', 'up'])
  })
})
