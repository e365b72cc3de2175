import { expect } from 'chai'
import type { ConfigurationIssue } from 'tribind'
import { TestProvider, watch } from './watched.ts'

const never = new AbortController().signal

describe('a document that can not be copied', () => {
  const cycle: Record<string, unknown> = { routes: {} }
  cycle['routes'] = { cart: cycle }
  const deep: Record<string, unknown> = {}
  let inmost = deep
  for (let i = 0; i < 200; i++) inmost = inmost['x'] = {} as Record<string, unknown>
  const throws = {
    get routes() {
      throw new Error('from a getter')
    },
  }
  const cases: [string, unknown, string, string][] = [
    ['a cycle', cycle, 'routes.cart', 'contains itself'],
    ['a function', { routes: { cart: { service: () => {} } } }, 'routes.cart.service', 'JSON'],
    ['an instance of a class', { services: { x: { at: new Date(0) } } }, 'services.x.at', 'plain data'],
    ['NaN', { services: { x: { y: [1, Number.NaN] } } }, 'services.x.y[1]', 'NaN'],
    ['a BigInt', { x: 1n }, 'x', '1n'],
    ['a hole in an array', { x: [undefined] }, 'x[0]', 'undefined'],
    ['a forbidden key', JSON.parse('{"routes":{"__proto__":{"x":1}}}'), 'routes.__proto__', 'forbidden'],
    ['too deep', deep, Array(100).fill('x').join('.'), '100 deep'],
    ['a text', 'routes: {}', '', 'expected an object'],
    ['an array', [], '', 'expected an object'],
    ['a getter that throws', throws, '', 'from a getter'],
    ['too many values', { x: Array(1_000_001).fill(0) }, '', '1000000 values'],
  ]
  for (const [name, document, path, message] of cases) {
    it(`is refused with its path: ${name}`, async () => {
      const a = new TestProvider('a')
      const { configuration, aggregator } = watch([a])
      await configuration.start(never)
      const verdict = await a.publish(document)
      const { issues } = verdict as unknown as { issues: ConfigurationIssue[] }
      expect(verdict.applied).to.equal(false)
      expect(issues[0]?.path).to.equal(path)
      expect(issues[0]?.message).to.include(message)
      expect(configuration.status().providers[0]?.issues).to.deep.equal(issues)
      expect(aggregator.calls).to.equal(0)
      await configuration.stop()
    })
  }

  it('may have the same object twice, and properties that are undefined', async () => {
    const a = new TestProvider('a')
    const { configuration } = watch([a])
    await configuration.start(never)
    const shared = { x: 1 }
    await a.publish({ is: 'A', left: shared, right: shared, none: undefined })
    expect(configuration.history()[0]?.configurations['a']).to.deep.equal({ is: 'A', left: { x: 1 }, right: { x: 1 } })
    await configuration.stop()
  })
})
