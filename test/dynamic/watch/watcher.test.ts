import { mock } from 'node:test'
import { expect } from 'chai'
import { type HistoryEntry, Server } from 'tribind'
import { settled, TestProvider, watch, type Watched } from './watched.ts'

const never = new AbortController().signal

describe('the watcher', () => {
  let a: TestProvider
  let b: TestProvider
  let watched: Watched

  async function start(options?: object): Promise<void> {
    watched = watch([a, b], options)
    await watched.configuration.start(never)
  }

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] })
    a = new TestProvider('a')
    b = new TestProvider('b')
  })

  afterEach(async () => {
    mock.timers.reset()
    await watched.configuration.stop()
  })

  it('serves A then C where A, B, A, C are published while a listener is busy', async () => {
    await start({ throttle: 0 })
    const release = watched.aggregator.hold()
    const verdicts = ['A', 'B', 'A', 'C'].map((is) => a.publish({ is }))
    release()
    expect(await Promise.all(verdicts)).to.deep.equal([
      { applied: true, version: 2 },
      { applied: false, superseded: true },
      { applied: false, superseded: true },
      { applied: true, version: 3 },
    ])
    expect(watched.aggregator.served).to.deep.equal(['a:A', 'a:C'])
  })

  it('serves the first at once, then the newest once per throttle, and never loses the last', async () => {
    await start()
    expect(await a.publish({ is: '1' })).to.deep.equal({ applied: true, version: 2 })
    const second = a.publish({ is: '2' })
    const third = a.publish({ is: '3' })
    mock.timers.tick(1999)
    await settled()
    expect(watched.aggregator.served).to.deep.equal(['a:1'])
    expect(await second).to.deep.equal({ applied: false, superseded: true })
    mock.timers.tick(1)
    expect(await third).to.deep.equal({ applied: true, version: 3 })
    mock.timers.tick(2000)
    expect(await a.publish({ is: '4' }), 'after a pause at once again').to.deep.equal({ applied: true, version: 4 })
  })

  it('throttles each provider for itself', async () => {
    await start()
    await a.publish({ is: '1' })
    const waiting = a.publish({ is: '2' })
    expect(await b.publish({ is: '1' })).to.deep.equal({ applied: true, version: 3 })
    expect(watched.aggregator.served).to.deep.equal(['a:1', 'a:1 b:1'])
    mock.timers.tick(2000)
    expect(await waiting).to.deep.equal({ applied: true, version: 4 })
  })

  it('serves what all providers have published meanwhile as one version, in the order of the options', async () => {
    await start({ throttle: 0 })
    const release = watched.aggregator.hold()
    const verdicts = [a.publish({ is: '1' }), b.publish({ is: '1' }), a.publish({ is: '2' }), b.publish({ is: '2' })]
    release()
    await Promise.all(verdicts)
    expect(watched.aggregator.served).to.deep.equal(['a:1', 'a:2 b:2'])
    expect(await verdicts[2]).to.deep.equal(await verdicts[3])
  })

  it('merges in the order of the options, whoever published first', async () => {
    await start()
    await b.publish({ is: '1' })
    await a.publish({ is: '1' })
    expect(watched.aggregator.served).to.deep.equal(['b:1', 'a:1 b:1'])
  })

  it('ends on the good one of a provider that flaps between good and bad', async () => {
    await start()
    const verdicts = []
    for (let i = 0; i < 10; i++) {
      verdicts.push(a.publish({ is: 'good', n: i }), a.publish({ bad: `no ${i}` }))
      mock.timers.tick(500)
      await settled()
    }
    const last = a.publish({ is: 'last' })
    mock.timers.tick(2000)
    expect(await last).to.have.property('applied', true)
    expect(watched.aggregator.served.at(-1)).to.equal('a:last')
    expect(watched.configuration.status().providers[0]).to.deep.include({ state: 'ok', issues: [] })
    await Promise.all(verdicts)
  })

  it('is not starved by endless distinct configurations', async () => {
    await start()
    for (let i = 0; i < 1000; i++) {
      void a.publish({ is: String(i) })
      mock.timers.tick(10)
      await settled()
    }
    expect(watched.aggregator.served).to.have.length.within(5, 6)
    mock.timers.tick(2000)
    await settled()
    expect(watched.aggregator.served.at(-1)).to.equal('a:999')
  })

  it('keeps time by no clock that jumps', async () => {
    await start()
    await a.publish({ is: '1' })
    const { now } = Date
    try {
      for (const [jump, is] of [
        [-100_000_000, '2'],
        [100_000_000, '3'],
      ] as const) {
        Date.now = () => now() + jump
        const waiting = a.publish({ is })
        mock.timers.tick(1999)
        await settled()
        expect(watched.aggregator.served).to.not.include(`a:${is}`)
        mock.timers.tick(1)
        expect(await waiting).to.have.property('applied', true)
      }
    } finally {
      Date.now = now
    }
  })

  it('serves what equals the one served in no new version, whatever the order of its keys', async () => {
    await start()
    const first = await a.publish({ is: 'A', x: { y: [{ v: 1, w: 2 }], z: 1 } }, 'r1')
    const again = a.publish({ x: { z: 1, y: [{ w: 2, v: 1 }] }, is: 'A' }, 'r2')
    expect(await again).to.deep.equal(first)
    expect(watched.aggregator.calls).to.equal(1)
    expect(watched.configuration.status().providers[0]).to.include({ revision: 'r2', state: 'ok' })
    void a.publish({ is: 'A', x: { z: 1, y: [{ w: 1, v: 2 }] } }, 'r3')
    mock.timers.tick(2000)
    await settled()
    expect(watched.aggregator.calls, 'other values').to.equal(2)
  })

  it('serves the one served on, where it is published again while another one waits', async () => {
    await start()
    await a.publish({ is: 'A' })
    const other = a.publish({ is: 'B' })
    expect(await a.publish({ is: 'A' })).to.deep.equal({ applied: true, version: 2 })
    expect(await other).to.deep.equal({ applied: false, superseded: true })
    mock.timers.tick(2000)
    await settled()
    expect(watched.aggregator.served).to.deep.equal(['a:A'])
  })

  for (const accident of [undefined, null, {}]) {
    it(`changes nothing where ${JSON.stringify(accident)} is published, and tells to withdraw`, async () => {
      await start()
      await a.publish({ is: 'A' })
      const waiting = a.publish({ is: 'B' })
      const verdict = await a.publish(accident)
      expect(verdict).to.have.property('applied', false)
      expect(JSON.stringify(verdict)).to.include('withdraw()')
      expect(watched.configuration.status().providers[0]).to.include({ state: 'stale' })
      mock.timers.tick(2000)
      expect(await waiting, 'what waits').to.have.property('applied', true)
      expect(watched.configuration.status().providers[0]?.issues[0]?.message).to.include('withdraw()')
      mock.timers.tick(2000)
      await a.publish({ is: 'C' })
      expect(watched.configuration.status().providers[0]).to.deep.include({ state: 'ok', issues: [] })
    })
  }

  it('takes away what a provider has only where it withdraws', async () => {
    await start({ throttle: 0 })
    await a.publish({ is: 'A' })
    await b.publish({ is: 'B' })
    expect(await a.sink.withdraw()).to.deep.equal({ applied: true, version: 4 })
    expect(watched.aggregator.served.at(-1)).to.equal('b:B')
    expect(await a.sink.withdraw(), 'once more').to.deep.equal({ applied: true, version: 4 })
    expect(watched.aggregator.served).to.have.length(3)
  })

  it('is not affected by a provider that changes its object afterwards', async () => {
    await start()
    const release = watched.aggregator.hold()
    const document = { is: 'A', list: [{ x: 1 }] }
    const verdict = a.publish(document)
    document.is = 'B'
    document.list.push({ x: 2 })
    release()
    await verdict
    expect(watched.configuration.history()[0]?.configurations).to.deep.equal({ a: { is: 'A', list: [{ x: 1 }] } })
    expect(document.list, 'what was given stays as it is').to.have.length(2)
  })

  it('is not affected by a listener that changes what it was given', async () => {
    await start()
    watched.aggregator.onSwitched = (documents) => {
      expect(() => Object.assign(documents.get('a') as object, { is: 'B' })).to.throw(TypeError)
      ;(documents as Map<string, object>).clear()
    }
    await a.publish({ is: 'A', list: [1] })
    const [entry] = watched.configuration.history() as [HistoryEntry]
    expect(() => (entry.changed as string[]).push('b')).to.throw(TypeError)
    expect(() => Object.assign(entry.configurations, { b: {} })).to.throw(TypeError)
    expect(entry.configurations).to.deep.equal({ a: { is: 'A', list: [1] } })
    const verdict = await b.publish({ bad: 'no' })
    if ('issues' in verdict) (verdict.issues as unknown[]).length = 0
    const status = watched.configuration.status()
    ;(status.providers as unknown[]).length = 0
    expect(watched.configuration.status().providers[1]?.issues).to.deep.equal([{ path: 'bad', message: 'no' }])
  })

  it('takes what is published inside of a listener, of the same provider and of another', async () => {
    await start({ throttle: 0 })
    const inner: Promise<unknown>[] = []
    watched.aggregator.onSwitched = () => {
      watched.aggregator.onSwitched = () => {}
      inner.push(a.publish({ is: 'A2' }), b.publish({ is: 'B' }))
    }
    expect(await a.publish({ is: 'A' })).to.deep.equal({ applied: true, version: 2 })
    expect(await Promise.all(inner)).to.deep.equal([
      { applied: true, version: 3 },
      { applied: true, version: 3 },
    ])
    expect(watched.aggregator.served).to.deep.equal(['a:A', 'a:A2 b:B'])
  })

  it('goes on after an aggregate that throws, and tells what it threw', async () => {
    await start({ throttle: 0 })
    watched.aggregator.onSwitched = () => {
      throw new Error('out of order')
    }
    const issues = [{ path: '', message: 'out of order' }]
    expect(await a.publish({ is: 'A' })).to.deep.equal({ applied: false, issues })
    watched.aggregator.onSwitched = () => {}
    expect(await a.publish({ is: 'B' })).to.have.property('applied', true)
  })

  it('stops during a throttle: what waits is refused, and no timer is left', async () => {
    mock.timers.reset()
    // From then on, that of mocha counts too.
    await settled()
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    await start()
    await a.publish({ is: 'A' })
    const waiting = a.publish({ is: 'B' })
    expect(timers()).to.be.above(before)
    await watched.configuration.stop()
    expect(JSON.stringify(await waiting)).to.include('stopped')
    expect(timers()).to.equal(before)
    expect(watched.aggregator.served).to.deep.equal(['a:A'])
  })

  it('waits at the stop for what is being applied', async () => {
    await start()
    const release = watched.aggregator.hold()
    const verdict = a.publish({ is: 'A' })
    let isOver = false
    const stopping = watched.configuration.stop().then(() => (isOver = true))
    await settled()
    expect(isOver).to.equal(false)
    release()
    await stopping
    expect(await verdict).to.deep.equal({ applied: true, version: 2 })
  })

  it('refuses two providers of the same name', () => {
    const providers = [new TestProvider('one'), new TestProvider('one')]
    expect(() => new Server({ configuration: { providers } })).to.throw('has two with the name "one"')
  })
})
