import { mock } from 'node:test'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Verdict } from 'tribind'
import { settled, type TestDocument, TestProvider, watch } from './watched.ts'

const names = ['a', 'b', 'c'] as const

type Step =
  | { readonly do: 'publish'; readonly by: number; readonly document: TestDocument | undefined }
  | { readonly do: 'withdraw' | 'reload'; readonly by: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'rollback' | 'resume' | 'hold' | 'release' }

const by = fc.nat(names.length - 1)
const document = fc.record(
  {
    is: fc.constantFrom('1', '2', '3'),
    bad: fc.constantFrom(undefined, undefined, undefined, 'no'),
    needs: fc.constantFrom(undefined, undefined, ...names),
    owns: fc.constantFrom(undefined, undefined, 'x', 'y'),
  },
  { requiredKeys: ['is'] },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      by,
      document: fc.option(document, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('withdraw' as const, 'reload' as const), by }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 500, 2000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('rollback', 'resume', 'hold', 'release') }) },
)

describe('the watcher, whatever happens', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  async function run(required: readonly boolean[], steps: readonly Step[]): Promise<void> {
    const providers = names.map((name, i) => new TestProvider(name, required[i]))
    const { configuration, aggregator } = watch(providers)
    const newest: (object | undefined)[] = []
    const verdicts: Promise<Verdict>[] = []
    let release = () => {}
    let hasStarted = false
    const stopping = new AbortController()
    const starting = configuration.start(stopping.signal).then(
      () => (hasStarted = true),
      () => {},
    )
    const publish = (i: number, published: TestDocument | undefined) => {
      if (published !== undefined) newest[i] = published
      verdicts.push((providers[i] as TestProvider).publish(published))
    }
    for (const one of steps) {
      if (one.do === 'publish') publish(one.by, one.document)
      if (one.do === 'reload') void configuration.reload(names[one.by])
      if (one.do === 'pass') mock.timers.tick(one.ms)
      if (one.do === 'pass') await settled()
      if (one.do === 'hold') release()
      if (one.do === 'hold') release = aggregator.hold()
      if (one.do === 'release') release()
      if (one.do === 'resume') void configuration.resume()
      if (one.do === 'rollback') configuration.rollback(configuration.history().at(-1)?.version ?? 0).catch(() => {})
      if (one.do !== 'withdraw') continue
      newest[one.by] = undefined
      verdicts.push((providers[one.by] as TestProvider).sink.withdraw())
    }
    release()
    await settled()
    await configuration.resume()
    for (let i = 0; i < 3; i++) {
      mock.timers.tick(2000)
      await settled()
    }
    const { providers: statuses, pinned } = configuration.status()
    expect(pinned).to.equal(false)
    const [served] = configuration.history()
    const texts = Object.entries(served?.configurations ?? {}).map(
      ([name, { is }]: [string, TestDocument]) => `${name}:${is}`,
    )
    expect(texts.join(' '), 'what is served is the last that was applied').to.equal(aggregator.served.at(-1) ?? '')
    if (hasStarted)
      for (const [i, name] of names.entries()) {
        const isServed = JSON.stringify(served?.configurations[name]) === JSON.stringify(newest[i])
        if (isServed || newest[i] === undefined) continue
        expect(
          await configuration.check(newest[i], name),
          `the newest of ${name} is served, or can't be`,
        ).to.not.deep.equal([])
        expect(statuses[i]?.issues, 'and that is told').to.not.deep.equal([])
      }
    else expect(aggregator.served, 'nothing before the required ones').to.deep.equal([])
    stopping.abort()
    await configuration.stop()
    await starting
    for (const verdict of await Promise.all(verdicts)) expect(verdict).to.have.property('applied')
  }

  it('ends on the newest of each provider that can be served, and settles all verdicts', async () => {
    const required = fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })
    await fc.assert(fc.asyncProperty(required, fc.array(step, { maxLength: 40 }), run), { numRuns: 300 })
  })
})
