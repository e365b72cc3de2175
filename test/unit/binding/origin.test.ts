import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import { CodeOrigin } from '../../../lib/binding/origin.ts'

/** An origin with a stack as V8 would print it. */
function originOf(...lines: string[]): string {
  const stack = ['Error', ...lines.map((line) => `    at ${line}`)].join('\n')
  return String(Object.assign(new CodeOrigin(), { stack }))
}

const library = fileURLToPath(new URL('../../../lib/', import.meta.url))

describe('binding/origin', () => {
  it('is where it was made, but for the library', () => {
    expect(String(new CodeOrigin())).to.match(/\/test\/unit\/binding\/origin\.test\.ts:\d+$/)
  })

  const stacks: [lines: string[], origin: string][] = [
    [['file:///app/routes.ts:12:3'], '/app/routes.ts:12'],
    [['register (file:///app/routes.ts:12:3)'], '/app/routes.ts:12'],
    [['Object.<anonymous> (/app/routes.cjs:7:1)'], '/app/routes.cjs:7'],
    [['async register (file:///app/my%20routes.ts:1:1)'], '/app/my routes.ts:1'],
    [['new Foo (file:///app/größe.ts:1:1)'], '/app/größe.ts:1'],
    [[`Registrar.bind (file://${library}binding/registrar.ts:1:1)`, 'file:///app/a.ts:2:2'], '/app/a.ts:2'],
    [[`bind (${library}binding/registrar.ts:1:1)`, '/app/a.cjs:2:2'], '/app/a.cjs:2'],
    [['Array.map (<anonymous>)', 'f (node:internal/x:1:1)', 'file:///app/a.ts:3:1'], '/app/a.ts:3'],
    [['node:internal/main:1:1'], 'an unknown place'],
    [[], 'an unknown place'],
    // Beside the library, not in it.
    [[`f (${library.replace(/\/$/, '')}rary/a.ts:4:1)`], `${library.replace(/\/$/, '')}rary/a.ts:4`],
  ]

  for (const [lines, origin] of stacks) {
    it(`${lines.join(' ← ') || 'nothing'} is ${origin}`, () => {
      expect(originOf(...lines)).to.equal(origin)
    })
  }
})
