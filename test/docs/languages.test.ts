import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { languagesOptions } from '../../lib/languages/load-languages.ts'
import { testProgramsBesideFiles } from './programs-beside-files.ts'

testProgramsBesideFiles('languages', ['html', 'json', 'yaml'], 4)

describe('docs/languages.md', () => {
  const text = readFileSync(new URL('../../docs/languages.md', import.meta.url), 'utf8')

  it('names every option and its default', () => {
    const rows = languagesOptions.rows().map((row) => {
      const { name, default: value, defaultText } = row
      return `| \`${name}\` | ${defaultText ?? (typeof value === 'string' ? `\`${value}\`` : String(value))} |`
    })
    for (const row of rows) expect(text).to.include(row)
  })
})
