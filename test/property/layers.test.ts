import { expect } from 'chai'
import fc from 'fast-check'
import { type Layer, type LayerRoutes, Server } from 'tribind'
import { collectingLogger } from '../feature/both-ways.ts'

const paths = ['/a', '/a/b', '/:x', '/a/:x', '/:x/b', '/*rest'] as const
const asks = ['/a', '/a/b', '/a/c', '/d', '/d/b', '/e/f/g']
const layerNames = ['one', 'two', 'three']

const arbitraryStep = fc.record({
  layer: fc.constantFrom(...layerNames),
  kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'throws', 'bad'),
  paths: fc.uniqueArray(fc.constantFrom(...paths), { maxLength: 4 }),
  isAsync: fc.boolean(),
})

type Step = typeof arbitraryStep extends fc.Arbitrary<infer T> ? T : never

/** What is bound, as a list: the simplest thing that can be right. */
class Model {
  readonly #layers = new Map<string, readonly string[]>()
  readonly #order: string[] = []
  version = 1

  /** Returns whether the step is carried out. */
  take({ layer, kind, paths: bound }: Step): boolean {
    if (kind === 'remove') {
      if (!this.#layers.delete(layer)) return true
    } else {
      const rest = layerNames.filter((name) => name !== layer)
      const others = new Set(rest.flatMap((name) => this.#layers.get(name) ?? []))
      if (kind !== 'replace' || bound.some((path) => others.has(path))) return false
      if (!this.#order.includes(layer)) this.#order.push(layer)
      this.#layers.set(layer, bound)
      if (bound.length === 0) this.#layers.delete(layer)
    }
    this.version++
    return true
  }

  /** Returns the layer and the route that serve a path. */
  find(path: string): string | undefined {
    const wanted = path.slice(1).split('/')
    const found = this.#order
      .flatMap((layer) =>
        (this.#layers.get(layer) ?? []).map((route) => ({ layer, route, segments: route.slice(1).split('/') })),
      )
      .filter(({ segments }) => matches(segments, wanted))
    // A stable sort: of those that nothing tells apart, the layer and the call decide.
    const [first] = found.toSorted((a, b) => compare(rank(a.segments), rank(b.segments)))
    return first && `${first.layer} ${first.route}`
  }
}

const isParam = (segment: string) => /^[:*]/.test(segment)

function matches(segments: readonly string[], path: readonly string[]): boolean {
  if (segments[0]?.startsWith('*')) return true
  return segments.length === path.length && segments.every((segment, i) => isParam(segment) || segment === path[i])
}

/** The rules 2 to 6 of the contract, the smaller first. */
function rank(segments: readonly string[]): number[] {
  const params = segments.filter(isParam)
  const plain = segments.filter((segment) => !isParam(segment)).join('').length
  const whole = params.filter((segment) => segment.startsWith(':')).length
  return [params.length > 0 ? 1 : 0, -segments.length, -plain, params.length, -whole]
}

function compare(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((value, at) => value !== b[at])
  return i < 0 ? 0 : (a[i] as number) - (b[i] as number)
}

function carryOut(layer: Layer, { kind, paths: bound, isAsync }: Step): Promise<unknown> {
  if (kind === 'remove') return layer.remove()
  return layer.replace(async (routes: LayerRoutes) => {
    for (const path of bound) {
      if (isAsync) await Promise.resolve()
      routes.get(path, (request) => `${layer.name} ${request.route}`)
    }
    if (kind === 'bad') routes.get('/{bad', () => '')
    if (kind === 'throws') throw new Error('refused')
  })
}

describe('property: layers', function () {
  this.timeout(60_000)

  it('serve what a list of them serves, after each of a random sequence of replacements', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryStep, { minLength: 1, maxLength: 12 }), async (steps) => {
        const server = new Server({ logger: collectingLogger() })
        const model = new Model()
        const retired: number[] = []
        server.on('retired', ({ version }) => retired.push(version))
        for (const step of steps) {
          const isTaken = model.take(step)
          const [result] = await Promise.allSettled([carryOut(server.layer(step.layer), step)])
          expect(result.status, JSON.stringify(step)).to.equal(isTaken ? 'fulfilled' : 'rejected')
          expect(server.version).to.equal(model.version)
          for (const path of asks) {
            const response = await server.inject(path)
            expect(response.status === 404 ? undefined : response.text(), path).to.equal(model.find(path))
          }
        }
        await server.stop()
        expect(retired).to.deep.equal(Array.from({ length: model.version }, (_, i) => i + 1))
      }),
      { numRuns: 150 },
    )
  })

  it('serve the same where all replacements are asked for at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryStep, { minLength: 1, maxLength: 12 }), async (steps) => {
        const server = new Server({ logger: collectingLogger() })
        const model = new Model()
        const taken = steps.map((step) => model.take(step))
        const results = await Promise.allSettled(steps.map((step) => carryOut(server.layer(step.layer), step)))
        expect(results.map(({ status }) => status === 'fulfilled')).to.deep.equal(taken)
        expect(server.version).to.equal(model.version)
        for (const path of asks) {
          const response = await server.inject(path)
          expect(response.status === 404 ? undefined : response.text(), path).to.equal(model.find(path))
        }
      }),
      { numRuns: 150 },
    )
  })
})
