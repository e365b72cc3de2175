import { expect } from 'chai'
import { TestProvider, watch, type Watched } from './watched.ts'

const never = new AbortController().signal

describe('the history of the watcher', () => {
  let a: TestProvider
  let b: TestProvider
  let watched: Watched

  async function start(options?: object): Promise<void> {
    a = new TestProvider('a')
    b = new TestProvider('b')
    watched = watch([a, b], { throttle: 0, ...options })
    await watched.configuration.start(never)
  }

  const failureOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    )

  afterEach(() => watched.configuration.stop())

  it('has the versions, the newest first, with what was served and whose configuration changed', async () => {
    await start()
    const before = Date.now()
    await a.publish({ is: 'A' })
    await b.publish({ is: 'B' })
    await a.publish({ bad: 'no' })
    await a.sink.withdraw()
    const history = watched.configuration.history()
    expect(history.map(({ version, changed, configurations }) => ({ version, changed, configurations }))).to.deep.equal(
      [
        { version: 4, changed: ['a'], configurations: { b: { is: 'B' } } },
        { version: 3, changed: ['b'], configurations: { a: { is: 'A' }, b: { is: 'B' } } },
        { version: 2, changed: ['a'], configurations: { a: { is: 'A' } } },
      ],
    )
    expect(history[0]?.appliedAt).to.be.within(before, Date.now())
    expect(history[0]).to.be.frozen
    expect(history[0]).to.not.have.property('rollbackOf')
    expect(watched.configuration.status()).to.include({ version: 4, appliedAt: history[0]?.appliedAt })
  })

  it('keeps as many as the option says', async () => {
    await start({ history: 3 })
    for (let i = 0; i < 10; i++) await a.publish({ is: String(i) })
    expect(watched.configuration.history().map(({ version }) => version)).to.deep.equal([11, 10, 9])
  })

  it('brings an older version back as a new one, and holds back what is published until it resumes', async () => {
    await start()
    await a.publish({ is: 'A1' }, 1)
    await a.publish({ is: 'A2' }, 2)
    await b.publish({ is: 'B1' })
    expect(await watched.configuration.rollback(2)).to.deep.equal({ version: 5 })
    expect(watched.aggregator.served.at(-1)).to.equal('a:A1')
    expect(watched.configuration.history()[0]).to.deep.include({ version: 5, rollbackOf: 2, changed: ['a', 'b'] })
    expect(watched.configuration.status()).to.deep.include({ version: 5, pinned: true })
    expect(watched.configuration.status().providers[0]).to.include({ revision: 1 })

    const verdict = await a.publish({ is: 'A3' }, 3)
    expect(verdict).to.have.property('applied', false)
    expect(JSON.stringify(verdict)).to.include('version 2 was brought back: resume()')
    expect(await a.publish({ is: 'A4' }, 4)).to.have.property('applied', false)
    expect(await a.sink.withdraw()).to.have.property('applied', false)
    expect(await a.publish({ is: 'A5' }, 5)).to.have.property('applied', false)
    expect(watched.configuration.status().providers[0]).to.include({ state: 'stale', revision: 1 })
    expect(watched.aggregator.served).to.have.length(4)

    await watched.configuration.resume()
    expect(watched.aggregator.served.slice(4), 'the newest of each, together').to.deep.equal(['a:A5 b:B1'])
    const status = watched.configuration.status()
    expect(status).to.include({ pinned: false, version: 6 })
    expect(status.providers[0]).to.deep.include({ state: 'ok', issues: [], revision: 5 })
    expect(await a.publish({ is: 'A6' })).to.deep.equal({ applied: true, version: 7 })
  })

  it('tells on of a configuration that was refused before the rollback', async () => {
    await start()
    await a.publish({ is: 'A1' })
    await a.publish({ is: 'A2' })
    await a.publish({ bad: 'no' })
    await watched.configuration.rollback(2)
    expect(watched.configuration.status().providers[0]?.issues).to.deep.equal([{ path: 'bad', message: 'no' }])
    await watched.configuration.resume()
    expect(watched.aggregator.served.at(-1), 'nothing newer can be served').to.equal('a:A1')
  })

  it('accepts while it holds back what equals the configuration that is served', async () => {
    await start()
    await a.publish({ is: 'A1' })
    await a.publish({ is: 'A2' })
    await watched.configuration.rollback(2)
    expect(await a.publish({ is: 'A1' })).to.deep.equal({ applied: true, version: 4 })
    await watched.configuration.resume()
    expect(watched.aggregator.served).to.have.length(3)
  })

  it('holds back what waited for the rollback', async () => {
    await start()
    await a.publish({ is: 'A1' })
    await a.publish({ is: 'A2' })
    const release = watched.aggregator.hold()
    const rollback = watched.configuration.rollback(2)
    const verdict = a.publish({ is: 'A3' })
    release()
    await rollback
    expect(JSON.stringify(await verdict)).to.include('held back')
    await watched.configuration.resume()
    expect(watched.aggregator.served.at(-1)).to.equal('a:A3')
  })

  it('tells of a version that it does not have', async () => {
    await start()
    await a.publish({ is: 'A' })
    const error = await failureOf(watched.configuration.rollback(7))
    expect(error).to.include({ code: 'ERR_TRIBIND_CONFIG', failure: 'ERR_TRIBIND_CONFIGURATION_VERSION' })
    expect(error).to.have.property('message', 'rollback: the history has no version 7: it has 2')
    expect(watched.configuration.status().pinned).to.equal(false)
  })

  it('changes nothing where an older version is invalid by now, and tells why', async () => {
    await start()
    await a.publish({ is: 'A1' })
    await a.publish({ is: 'A2' })
    watched.aggregator.apply = async () => ({
      applied: false,
      issues: new Map([['a', [{ path: 'services.x', message: 'is gone' }]]]),
    })
    const error = await failureOf(watched.configuration.rollback(2))
    expect(error).to.include({ failure: 'ERR_TRIBIND_CONFIGURATION_ROLLBACK' })
    expect(error).to.have.property('message').that.includes('provider "a", services.x: is gone')
    expect(error)
      .to.have.property('issues')
      .that.deep.equals([{ path: 'services.x', message: 'is gone', source: 'a' }])
    expect(watched.configuration.status()).to.include({ pinned: false, version: 3 })
  })

  it('is a StateError to roll back or to reload unless the server is ready', async () => {
    await start()
    await a.publish({ is: 'A' })
    for (const state of ['created', 'stopped'] as const) {
      watched.server.state = state
      for (const call of [watched.configuration.rollback(2), watched.configuration.reload()])
        expect(await failureOf(call)).to.include({
          code: 'ERR_TRIBIND_STATE',
          failure: 'ERR_TRIBIND_SERVER_NOT_RUNNING',
        })
    }
  })

  it('does nothing to resume where nothing is held back', async () => {
    await start()
    await watched.configuration.resume()
    expect(watched.aggregator.calls).to.equal(0)
  })

  it('tells what would be wrong with a configuration, and changes nothing', async () => {
    await start()
    await a.publish({ is: 'A' })
    await b.publish({ is: 'B', needs: 'a' })
    const { configuration } = watched
    expect(await configuration.check({ bad: 'no' }, 'a')).to.deep.equal([{ path: 'bad', message: 'no' }])
    expect(await configuration.check({ is: 'A', needs: 'b' }, 'a')).to.deep.equal([])
    expect((await configuration.check({}, 'a'))[0]?.message).to.include('withdraw()')
    expect((await configuration.check({ x: 1n }, 'a'))[0]?.path).to.equal('x')
    expect(await failureOf(configuration.check({}))).to.include({ failure: 'ERR_TRIBIND_PROVIDER_UNKNOWN' })
    expect(watched.aggregator.served).to.have.length(2)
    expect(configuration.status().providers.map(({ issues }) => issues)).to.deep.equal([[], []])
  })
})
