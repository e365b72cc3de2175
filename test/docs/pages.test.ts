import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'

const docs = new URL('../../docs/', import.meta.url)
const index = readFileSync(new URL('README.md', docs), 'utf8')

describe('docs/README.md', () => {
  it('lists every page, and none that is not there', () => {
    const pages = readdirSync(docs).filter((name) => name.endsWith('.md') && name !== 'README.md')
    const listed = [...index.matchAll(/^\| \[(.+\.md)\]\(\1\) \|/gm)].map(([, name]) => name)
    expect(listed.toSorted()).to.deep.equal(pages.toSorted())
  })
})
