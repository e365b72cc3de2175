import { mock } from 'node:test'
import { expect } from 'chai'
import { ConfigError, type ConfigurationProvider, type ConfigurationSink } from 'tribind'
import { settled, TestProvider, watch, type Watched } from './watched.ts'

const never = new AbortController().signal

describe('the supervision of providers', () => {
  let watched: Watched

  const stateOf = (i = 0) => watched.configuration.status().providers[i]?.state

  async function start(...providers: ConfigurationProvider[]): Promise<void> {
    watched = watch(providers)
    await watched.configuration.start(never)
  }

  async function pass(ms: number): Promise<void> {
    mock.timers.tick(ms)
    await settled()
  }

  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))

  afterEach(async () => {
    mock.timers.reset()
    await watched.configuration.stop()
  })

  it('starts all providers in parallel', async () => {
    const started: string[] = []
    const provider = (name: string) => ({
      name,
      provide() {
        started.push(name)
        return new Promise(() => {})
      },
    })
    await start(provider('a'), provider('b'))
    expect(started).to.deep.equal(['a', 'b'])
  })

  it('starts one that throws at once again, later and later, and within half a minute at most', async () => {
    let calls = 0
    const provide = () => {
      calls++
      throw new Error('no network')
    }
    await start({ name: 'a', provide })
    await settled()
    const delays = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
    for (const [i, delay] of delays.entries()) {
      await pass(delay - 1)
      expect(calls).to.equal(i + 1)
      await pass(1)
      expect(calls).to.equal(i + 2)
    }
    const [status] = watched.configuration.status().providers
    expect(status).to.deep.include({ state: 'failed', issues: [{ path: '', message: 'no network' }] })
    expect(watched.log.filter(({ level }) => level === 'warn')).to.have.length(1)
  })

  it('begins with half a second again after a provider has worked for a while', async () => {
    const runs: ((error: Error) => void)[] = []
    const provide = () => new Promise((_, reject) => runs.push(reject))
    await start({ name: 'a', provide })
    const fail = async () => {
      runs.at(-1)?.(new Error('lost'))
      await settled()
    }
    await fail()
    await pass(500)
    await fail()
    await pass(999)
    expect(runs).to.have.length(2)
    await pass(1)
    expect(runs).to.have.length(3)
    await pass(30_000)
    await fail()
    await pass(500)
    expect(runs).to.have.length(4)
  })

  it('takes nothing from a run that has failed', async () => {
    const sinks: ConfigurationSink[] = []
    const provide = async (sink: ConfigurationSink) => {
      sinks.push(sink)
      throw new Error('lost')
    }
    await start({ name: 'a', provide })
    await settled()
    expect(JSON.stringify(await sinks[0]?.publish({ is: 'late' }))).to.include('aborted')
    await pass(500)
    expect(await sinks[1]?.publish({ is: 'late' })).to.have.property('applied', false)
    expect(watched.aggregator.served).to.deep.equal([])
  })

  it('leaves one alone that never settles, and one that has nothing more to do', async () => {
    let calls = 0
    const provide = (result: unknown) => (sink: ConfigurationSink) => {
      calls++
      void sink.publish({ is: 'A' })
      return result
    }
    await start({ name: 'a', provide: provide(new Promise(() => {})) }, { name: 'b', provide: provide(undefined) })
    await pass(120_000)
    expect(calls).to.equal(2)
    expect([stateOf(0), stateOf(1)]).to.deep.equal(['ok', 'ok'])
  })

  it('ignores what is published, noted or withdrawn after the abort', async () => {
    const a = new TestProvider('a')
    await start(a)
    await a.publish({ is: 'A' })
    await watched.configuration.stop()
    expect(a.signal.aborted).to.equal(true)
    const before = watched.configuration.status()
    const verdicts = await Promise.all([a.publish({ is: 'B' }), a.sink.withdraw(), a.publish(undefined)])
    for (const verdict of verdicts) expect(JSON.stringify(verdict)).to.include('aborted')
    a.sink.failed(new Error('late'))
    a.sink.alive()
    expect(watched.configuration.status()).to.deep.equal(before)
  })

  it('has the states starting, ok, stale and failed, and logs each change once', async () => {
    const a = new TestProvider('a')
    await start(a)
    const seen = [stateOf()]
    const note = () => seen.push(stateOf())
    a.sink.failed(new Error('no network'))
    a.sink.failed(new Error('still no network'))
    note()
    a.sink.alive()
    a.sink.alive()
    note()
    await a.publish({ is: 'A' })
    note()
    a.sink.failed(new Error('away'))
    note()
    a.sink.alive()
    note()
    expect(seen).to.deep.equal(['starting', 'failed', 'ok', 'ok', 'stale', 'ok'])
    const lines = watched.log
      .filter(({ message }) => message.startsWith('Provider'))
      .map(({ level, message }) => `${level} ${message}`)
    expect(lines).to.deep.equal([
      'warn Provider "a" is failed',
      'info Provider "a" is ok',
      'warn Provider "a" is stale',
      'info Provider "a" is ok',
    ])
    expect(watched.log[0]?.fields?.['error']).to.have.property('message', 'no network')
  })

  it('logs a configuration that is refused, once for each reason', async () => {
    const a = new TestProvider('a')
    await start(a)
    for (const bad of ['one', 'one', 'two']) {
      void a.publish({ bad, n: Math.random() })
      await pass(2000)
    }
    await pass(2000)
    const lines = watched.log.map(({ message, fields }) => [message, fields?.['issues']])
    expect(lines).to.deep.equal([
      ['Provider "a" is failed', [{ path: 'bad', message: 'one' }]],
      ['Provider "a" is failed', [{ path: 'bad', message: 'two' }]],
    ])
  })

  it('logs what is wrong in a file, once for each thing', async () => {
    const a = new TestProvider('a')
    await start(a)
    for (const message of ['one', 'one', 'two']) {
      a.sink.failed(
        new ConfigError(message, {
          failure: 'ERR_TRIBIND_CONFIG_FILE',
          issues: [{ path: '', source: 'a.yaml', line: 3, message }],
        }),
      )
    }
    const lines = watched.log.map(({ message, fields }) => [message, fields?.['issues']])
    expect(lines).to.deep.equal([
      ['Provider "a" is failed', [{ path: '', message: 'a.yaml:3: one' }]],
      ['Provider "a" is failed', [{ path: '', message: 'a.yaml:3: two' }]],
    ])
  })

  it('knows when a provider published and was in contact', async () => {
    const a = new TestProvider('a')
    await start(a)
    expect(watched.configuration.status().providers[0]).to.deep.include({
      lastPublishAt: undefined,
      lastContactAt: undefined,
    })
    const before = Date.now()
    a.sink.alive()
    const [contact] = watched.configuration.status().providers
    expect(contact?.lastContactAt).to.be.within(before, Date.now())
    expect(contact?.lastPublishAt).to.equal(undefined)
    await a.publish({ is: 'A' }, 'r1')
    const [published] = watched.configuration.status().providers
    expect(published?.lastPublishAt).to.be.within(before, Date.now())
    expect(published).to.have.property('revision', 'r1')
    a.sink.failed('a text' as never)
    expect(watched.configuration.status().providers[0]).to.deep.include({
      lastContactAt: published?.lastContactAt,
      issues: [{ path: '', message: 'a text' }],
    })
  })

  it('calls reload of a provider, and resolves when what it publishes is served', async () => {
    const a = Object.assign(new TestProvider('a'), {
      async reload() {
        await settled()
        void a.publish({ is: 'reloaded' })
      },
    })
    await start(a)
    await a.publish({ is: 'A' })
    const release = watched.aggregator.hold()
    let isOver = false
    const reloading = watched.configuration.reload('a').then(() => (isOver = true))
    await settled()
    await settled()
    expect(isOver).to.equal(false)
    release()
    await reloading
    expect(watched.aggregator.served, 'without a throttle').to.deep.equal(['a:A', 'a:reloaded'])
  })

  it('serves at a reload what waited, also where nothing more is published', async () => {
    const a = Object.assign(new TestProvider('a'), { reload: () => a.sink.alive() })
    await start(a)
    await a.publish({ is: 'A' })
    const waiting = a.publish({ is: 'B' })
    await watched.configuration.reload('a')
    expect(await waiting).to.deep.equal({ applied: true, version: 3 })
  })

  it('tells what reload of a provider throws', async () => {
    const reload = () => {
      throw new Error('unreadable')
    }
    const a = Object.assign(new TestProvider('a'), { reload })
    await start(a)
    await watched.configuration.reload()
    expect(watched.configuration.status().providers[0]).to.deep.include({
      state: 'failed',
      issues: [{ path: '', message: 'unreadable' }],
    })
  })

  it('starts a provider without reload again, and resolves when it has published or failed', async () => {
    const signals: AbortSignal[] = []
    const a: ConfigurationProvider = {
      name: 'a',
      async provide(sink, signal) {
        signals.push(signal)
        await settled()
        if (signals.length === 3) throw new Error('no third time')
        void sink.publish({ is: String(signals.length) })
        return new Promise(() => {})
      },
    }
    await start(a)
    await watched.configuration.reload('a')
    expect(watched.aggregator.served).to.deep.equal(['a:2'])
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true, false])
    await watched.configuration.reload('a')
    expect(stateOf()).to.equal('stale')
  })

  it('reloads a provider that publishes at once and never settles', async () => {
    let calls = 0
    const provide = (sink: ConfigurationSink) => {
      void sink.publish({ is: String(++calls) })
      return new Promise(() => {})
    }
    await start({ name: 'a', provide })
    await watched.configuration.reload('a')
    expect(watched.aggregator.served).to.deep.equal(['a:1', 'a:2'])
  })

  it('reloads a provider that only notes that its source is there', async () => {
    const provide = async (sink: ConfigurationSink) => {
      await settled()
      sink.alive()
      return new Promise(() => {})
    }
    await start({ name: 'a', provide })
    await watched.configuration.reload('a')
    expect(stateOf()).to.equal('ok')
  })

  it('waits a second at most for one that it starts again, and that has nothing to publish', async () => {
    const signals: AbortSignal[] = []
    const provide = (_: ConfigurationSink, signal: AbortSignal) => {
      signals.push(signal)
      return new Promise(() => {})
    }
    await start({ name: 'a', provide })
    let isOver = false
    const reloading = watched.configuration.reload('a').then(() => (isOver = true))
    await pass(999)
    expect([signals.map(({ aborted }) => aborted), isOver]).to.deep.equal([[true, false], false])
    mock.timers.tick(1)
    await reloading
  })

  it('refuses to reload a provider that is not there', async () => {
    await start(new TestProvider('file'))
    const error = await watched.configuration.reload('fiel').catch((thrown: unknown) => thrown)
    expect(error).to.include({ code: 'ERR_TRIBIND_CONFIG', failure: 'ERR_TRIBIND_PROVIDER_UNKNOWN' })
    expect(error).to.have.property('message').that.includes('did you mean "file"?')
  })

  it('does not wait at the stop for a provider that ignores its signal', async () => {
    await start({ name: 'a', provide: () => new Promise(() => {}) })
    await watched.configuration.stop()
  })
})
