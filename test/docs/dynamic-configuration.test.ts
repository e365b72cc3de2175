import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { fileProviderOptions } from '../../lib/dynamic/providers/file-provider.ts'
import { httpProviderOptions } from '../../lib/dynamic/providers/http-provider.ts'

describe('docs/dynamic-configuration.md', () => {
  const text = readFileSync(new URL('../../docs/dynamic-configuration.md', import.meta.url), 'utf8')

  for (const [heading, table] of [
    ['### Files', fileProviderOptions],
    ['### HTTP', httpProviderOptions],
  ] as const)
    it(`has a row for each option below "${heading}"`, () => {
      const section = text.split(`${heading}\n`)[1]?.split(/^##/m)[0] ?? ''
      const rows = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
      expect(rows).to.deep.equal(table.rows().map(({ name }) => name))
    })
})
