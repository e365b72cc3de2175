import { mock } from 'node:test'
import { expect } from 'chai'
import { settled, TestProvider, watch, type Watched } from './watched.ts'

const never = new AbortController().signal

describe('the start of the watcher', () => {
  let a: TestProvider
  let b: TestProvider
  let c: TestProvider
  let watched: Watched
  let isReady: boolean
  let failure: Error | undefined

  /** Of the providers, a and b are required. */
  async function start(options?: object, signal = never): Promise<void> {
    watched = watch([a, b, c], options)
    isReady = false
    failure = undefined
    watched.configuration.start(signal).then(
      () => (isReady = true),
      (error: Error) => (failure = error),
    )
    await settled()
  }

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] })
    a = new TestProvider('a', true)
    b = new TestProvider('b', true)
    c = new TestProvider('c')
  })

  afterEach(async () => {
    mock.timers.reset()
    await watched.configuration.stop()
  })

  it('applies nothing before all required providers have published, then all of them together, in their order', async () => {
    await start()
    const verdicts = [c.publish({ is: 'C' }), b.publish({ is: 'B' })]
    await settled()
    expect(watched.aggregator.calls).to.equal(0)
    expect(isReady).to.equal(false)
    verdicts.push(a.publish({ is: 'A' }))
    const all = await Promise.all(verdicts)
    await settled()
    expect(watched.aggregator.served).to.deep.equal(['a:A b:B c:C'])
    for (const verdict of all) expect(verdict).to.deep.equal({ applied: true, version: 2 })
    expect(isReady).to.equal(true)
  })

  it('needs no publication of providers that are not required', async () => {
    watched = watch([c])
    await watched.configuration.start(never)
    expect(watched.aggregator.calls).to.equal(0)
    expect(watched.configuration.status()).to.deep.include({ version: 0, appliedAt: undefined, pinned: false })
  })

  it('takes the newest where a provider publishes again while others are awaited', async () => {
    await start()
    const first = a.publish({ is: 'A1' })
    const second = a.publish({ is: 'A2' })
    expect(await first).to.deep.equal({ applied: false, superseded: true })
    await b.publish({ is: 'B' })
    expect(await second).to.have.property('applied', true)
    expect(watched.aggregator.served).to.deep.equal(['a:A2 b:B'])
  })

  it('tells at once that a configuration is invalid, and waits for a valid one', async () => {
    await start()
    const issues = [{ path: 'bad', message: 'no' }]
    expect(await a.publish({ bad: 'no' })).to.deep.equal({ applied: false, issues })
    expect(watched.configuration.status().providers[0]).to.deep.include({ state: 'failed', issues })
    const waiting = b.publish({ is: 'B' })
    await settled()
    expect([isReady, watched.aggregator.served]).to.deep.equal([false, []])
    await a.publish({ is: 'A' })
    expect(await waiting).to.deep.equal({ applied: true, version: 2 })
    await settled()
    expect(isReady).to.equal(true)
    expect(watched.aggregator.served).to.deep.equal(['a:A b:B'])
  })

  it('serves what refers to a provider that publishes later', async () => {
    await start()
    expect(await a.publish({ is: 'A', needs: 'b' })).to.have.property('applied', false)
    await b.publish({ is: 'B' })
    await settled()
    expect(isReady).to.equal(true)
    expect(watched.aggregator.served).to.deep.equal(['a:A b:B'])
  })

  it('does not wait for a valid configuration of a provider that is not required', async () => {
    await start({ onInvalid: 'isolate' })
    const bad = c.publish({ bad: 'no' })
    await Promise.all([a.publish({ is: 'A' }), b.publish({ is: 'B' })])
    expect(await bad).to.have.property('applied', false)
    expect(watched.aggregator.served).to.deep.equal(['a:A b:B'])
  })

  it('refuses nothing under "isolate" before all have published', async () => {
    await start({ onInvalid: 'isolate' })
    let isTold = false
    const waiting = a.publish({ is: 'A', needs: 'b' }).finally(() => (isTold = true))
    await settled()
    expect(isTold).to.equal(false)
    await b.publish({ is: 'B' })
    expect(await waiting).to.deep.equal({ applied: true, version: 2 })
  })

  it('serves what was wrong only beside one that is refused', async () => {
    const d = new TestProvider('d')
    watched = watch([c, d, a])
    void watched.configuration.start(never)
    void c.publish({ bad: 'no', owns: '/cart' })
    void d.publish({ is: 'D', owns: '/cart' })
    await a.publish({ is: 'A' })
    await settled()
    expect(watched.aggregator.served.at(-1)).to.equal('d:D a:A')
    expect(watched.configuration.status().providers[1]).to.deep.include({ state: 'ok', issues: [] })
  })

  it('throttles from the first ones on', async () => {
    await start()
    await Promise.all([a.publish({ is: 'A' }), b.publish({ is: 'B' })])
    const waiting = a.publish({ is: 'A2' })
    await settled()
    expect(watched.aggregator.served).to.have.length(1)
    mock.timers.tick(2000)
    expect(await waiting).to.have.property('applied', true)
  })

  it('fails after readyTimeout, naming each provider that is missing and why', async () => {
    await start({ readyTimeout: 5000 })
    await a.publish({ bad: 'no such service' })
    mock.timers.tick(4999)
    await settled()
    expect(failure).to.equal(undefined)
    mock.timers.tick(1)
    await settled()
    expect(failure).to.include({ code: 'ERR_TRIBIND_CONFIG', failure: 'ERR_TRIBIND_CONFIGURATION_NOT_READY' })
    expect(failure?.message).to.include('readyTimeout')
    expect(failure?.message).to.include('provider "a": bad: no such service')
    expect(failure?.message).to.include('provider "b": has published nothing')
    expect(failure)
      .to.have.property('issues')
      .that.deep.equals([{ path: 'bad', message: 'no such service', source: 'a' }])
  })

  it('fails with the error of a provider that only failed, and tells which ones wait', async () => {
    await start()
    a.sink.failed(new Error('connect ECONNREFUSED'))
    void b.publish({ is: 'B' })
    await settled()
    mock.timers.tick(30_000)
    await settled()
    expect(failure?.message).to.include('provider "a": connect ECONNREFUSED')
    expect(failure?.message).to.include('provider "b": waits for the others')
  })

  it('refuses at the stop what is being checked', async () => {
    await start()
    const release = watched.aggregator.hold()
    const waiting = a.publish({ is: 'A' })
    const stopping = watched.configuration.stop()
    release()
    await stopping
    expect(JSON.stringify(await waiting)).to.include('stopped')
    await watched.configuration.stop()
  })

  it('rejects with the reason of the signal where the server is stopped meanwhile', async () => {
    const stopping = new AbortController()
    await start({}, stopping.signal)
    const waiting = a.publish({ is: 'A' })
    const reason = new Error('stopped')
    stopping.abort(reason)
    await settled()
    expect(failure).to.equal(reason)
    await watched.configuration.stop()
    expect(JSON.stringify(await waiting)).to.include('stopped')
    expect(watched.aggregator.served).to.deep.equal([])
  })
})
