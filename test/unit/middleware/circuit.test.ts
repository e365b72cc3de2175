import { expect } from 'chai'
import { Circuit } from '../../../lib/middleware/circuit-breaker.ts'

/** The phase of a request that is let in. */
function enter(circuit: Circuit, now: number): number {
  const entry = circuit.enter(now)
  return 'phase' in entry ? entry.phase : expect.fail(`it waits ${entry.wait}`)
}

describe('Circuit', () => {
  it('opens after failures in a row, lets one through at a time, and closes with the first that succeeds', () => {
    const circuit = new Circuit(2, 100)
    circuit.settle(enter(circuit, 0), 'failed', 0)
    circuit.settle(enter(circuit, 0), 'succeeded', 0)
    expect(circuit.settle(enter(circuit, 0), 'failed', 0), 'the row was broken').to.equal(undefined)
    expect(circuit.settle(enter(circuit, 0), 'failed', 0)).to.equal('opened')
    expect(circuit.enter(1)).to.deep.equal({ wait: 99 })
    const trial = enter(circuit, 100)
    expect(circuit.enter(100)).to.deep.equal({ wait: 0 })
    expect(circuit.settle(trial, 'failed', 150)).to.equal('opened')
    expect(circuit.enter(249)).to.deep.equal({ wait: 1 })
    expect(circuit.settle(enter(circuit, 250), 'succeeded', 250)).to.equal('closed')
    expect(circuit.settle(enter(circuit, 250), 'failed', 250)).to.equal(undefined)
  })

  it('takes no notice of what was let in before it changed', () => {
    const circuit = new Circuit(1, 100)
    const [early, late] = [enter(circuit, 0), enter(circuit, 0)]
    expect(circuit.settle(enter(circuit, 0), 'failed', 0)).to.equal('opened')
    expect(circuit.settle(early, 'succeeded', 10)).to.equal(undefined)
    expect(circuit.enter(10)).to.deep.equal({ wait: 90 })
    const trial = enter(circuit, 100)
    expect(circuit.settle(late, 'failed', 110)).to.equal(undefined)
    expect(circuit.settle(trial, 'succeeded', 120)).to.equal('closed')
  })

  it('tries another where the client of a trial has left, once', () => {
    const circuit = new Circuit(1, 100)
    circuit.settle(enter(circuit, 0), 'failed', 0)
    const left = enter(circuit, 100)
    circuit.settle(left, 'left', 101)
    enter(circuit, 102)
    circuit.settle(left, 'left', 103)
    expect(circuit.enter(104)).to.deep.equal({ wait: 0 })
  })
})
