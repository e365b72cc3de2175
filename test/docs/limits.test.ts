import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { completeLimits } from '../../lib/entrypoint/http-limits.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const rows = new Map(
  [...read('docs/limits.md').matchAll(/^\| `(\w+)` *\| ([^|]*?) *\|/gm)].map(([, name, value]) => [
    name,
    value as string,
  ]),
)

describe('docs/limits.md', () => {
  it('names every timeout and limit of node:http', () => {
    const names = [...read('lib/entrypoint/http-limits.ts').matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name)
    expect(names).to.have.length.above(5)
    expect([...rows.keys()]).to.include.members(names)
  })

  it('names their defaults', () => {
    for (const [name, value] of Object.entries(completeLimits({}))) {
      expect(rows.get(name)?.replaceAll(/(?<=\d),(?=\d)/g, ''), name).to.match(new RegExp(`^${value}\\b`))
    }
  })
})
