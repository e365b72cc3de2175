import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { forwardOptions } from '../../lib/forward/request/forward-options.ts'

describe('docs/forwarding.md', () => {
  const text = readFileSync(new URL('../../docs/forwarding.md', import.meta.url), 'utf8')

  it('has a row for each option of forward', () => {
    for (const { name } of forwardOptions.rows().filter((row) => !row.name.includes('.')))
      expect(text, name).to.include(`| \`${name}\` |`)
  })

  it('names the options that are nested', () => {
    for (const { name } of forwardOptions.rows().filter((row) => row.name.includes('.')))
      expect(text, name).to.match(new RegExp(`\\b${name.split('.').at(-1)}\\b`))
  })
})
