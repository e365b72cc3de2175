import { expect } from 'chai'
import { TestProvider, watch, type Watched } from './watched.ts'

const never = new AbortController().signal

describe('the watcher, where a configuration is refused', () => {
  let a: TestProvider
  let b: TestProvider
  let watched: Watched

  async function start(options?: object): Promise<void> {
    watched = watch([a, b], options)
    await watched.configuration.start(never)
  }

  beforeEach(() => {
    a = new TestProvider('a')
    b = new TestProvider('b')
  })

  afterEach(() => watched.configuration.stop())

  it('refuses to withdraw what another provider refers to, and does so when that has changed', async () => {
    await start({ throttle: 0 })
    await a.publish({ is: 'A' })
    await b.publish({ is: 'B', needs: 'a' })
    expect(await a.sink.withdraw()).to.deep.equal({
      applied: false,
      issues: [{ path: '', message: 'provider "b", needs: there is no a' }],
    })
    expect(watched.configuration.status().providers[0]).to.include({ state: 'stale' })
    await b.publish({ is: 'C' })
    expect(watched.aggregator.served.at(-1)).to.equal('b:C')
    expect(watched.configuration.status().providers[0]).to.deep.include({ state: 'ok', issues: [] })
  })

  it('tells of each refused configuration once, however often it is tried again', async () => {
    await start({ throttle: 0 })
    await a.publish({ is: 'A' })
    await b.publish({ is: 'B', needs: 'c' })
    await a.publish({ is: 'AA' })
    const message = 'the configuration of provider "b" is refused: needs: there is no c'
    expect(watched.aggregator.refused).to.deep.equal([['@b', message]])
    await b.publish({ is: 'BB', needs: 'c' })
    expect(watched.aggregator.refused).to.deep.equal([
      ['@b', message],
      ['@b', message],
    ])
  })

  it('keeps the last good one of a provider whose configuration is refused', async () => {
    await start({ throttle: 0 })
    await a.publish({ is: 'A' }, 1)
    const issues = [{ path: 'bad', message: 'no' }]
    expect(await a.publish({ bad: 'no' }, 2)).to.deep.equal({ applied: false, issues })
    expect(watched.configuration.status().providers[0]).to.deep.include({ state: 'stale', revision: 1, issues })
    await b.publish({ is: 'B' })
    expect(watched.aggregator.served).to.deep.equal(['a:A', 'a:A b:B'])
    expect(watched.configuration.status().providers[0], 'still').to.deep.include({ state: 'stale', issues })
  })

  it('refuses of those published together only what is wrong', async () => {
    await start({ throttle: 0 })
    const release = watched.aggregator.hold()
    const verdicts = [b.publish({ is: '0' }), a.publish({ is: 'A' }), b.publish({ bad: 'no' })]
    release()
    expect((await Promise.all(verdicts)).map(({ applied }) => applied)).to.deep.equal([true, true, false])
    expect(watched.aggregator.served.at(-1)).to.equal('a:A b:0')
  })

  it('tries each alone until no more of them can be served', async () => {
    const c = new TestProvider('c')
    watched = watch([a, b, c], { throttle: 0 })
    await watched.configuration.start(never)
    const release = watched.aggregator.hold()
    const verdicts = [
      c.publish({ is: '0' }),
      a.publish({ is: 'A', needs: 'b' }),
      b.publish({ is: 'B' }),
      c.publish({ bad: 'no' }),
    ]
    release()
    expect((await Promise.all(verdicts)).map(({ applied }) => applied)).to.deep.equal([true, true, true, false])
    expect(watched.aggregator.served).to.deep.equal(['c:0', 'b:B c:0', 'a:A b:B c:0'])
  })

  it('serves what was refused as soon as the change of another provider allows it', async () => {
    await start({ throttle: 0 })
    expect(await a.publish({ is: 'A', needs: 'b' }, 7)).to.have.property('applied', false)
    expect(watched.configuration.status().providers[0]).to.include({ state: 'failed' })
    await b.publish({ is: 'B' })
    expect(watched.aggregator.served).to.deep.equal(['a:A b:B'])
    expect(watched.configuration.status().providers[0]).to.deep.include({ state: 'ok', issues: [], revision: 7 })
  })

  it('moves what only one may have from one provider to another by one switch', async () => {
    await start({ throttle: 0 })
    await a.publish({ is: 'A', owns: '/cart' })
    expect(await b.publish({ is: 'B', owns: '/cart' })).to.have.property('applied', false)
    await a.publish({ is: 'A2' })
    expect(watched.aggregator.served).to.deep.equal(['a:A', 'a:A2 b:B'])
  })
})
