import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'

const docs = new URL('../../docs/', import.meta.url)
const index = readFileSync(new URL('README.md', docs), 'utf8')

/** Where files are that the package doesn't have. */
const REPOSITORY = 'https://github.com/tribind/tribind/blob/main/'

describe('docs/README.md', () => {
  it('lists every page, and none that is not there', () => {
    const pages = readdirSync(docs).filter((name) => name.endsWith('.md') && name !== 'README.md')
    const listed = [...index.matchAll(/^\| \[(.+\.md)\]\(\1\) \|/gm)].map(([, name]) => name)
    expect(listed.toSorted()).to.deep.equal(pages.toSorted())
  })
})

describe('the pages of the documentation', () => {
  const root = new URL('../', docs)
  const pages = readdirSync(docs).filter((name) => name.endsWith('.md'))

  for (const page of ['README.md', ...pages.map((name) => `docs/${name}`)]) {
    const url = new URL(page, root)
    const text = readFileSync(url, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '')

    it(`link to files and headings that exist, in ${page}`, () => {
      const links = linksOf(text).map((link) => new URL(link.replace(REPOSITORY, root.href), url))
      expect(links.filter((link) => !leadsSomewhere(link)).map(String)).to.deep.equal([])
    })

    it(`link to the repository for what the package doesn't have, in ${page}`, () => {
      const paths = linksOf(text)
        .filter((link) => !link.startsWith(REPOSITORY))
        .map((link) => new URL(link, url).pathname.slice(root.pathname.length))
      expect(paths.filter((path) => !/^(docs\/[^/]+\.(md|svg)|README\.md|LICENSE)$/.test(path))).to.deep.equal([])
    })

    it(`name files that exist, in ${page}`, () => {
      const paths = [...text.matchAll(/`((?:lib|docs|test|examples|bench)\/[\w./-]+)`/g)].map(
        ([, path]) => path as string,
      )
      expect(paths.filter((path) => !existsSync(new URL(path, root)))).to.deep.equal([])
    })
  }
})

/** The links to files of this project. */
function linksOf(text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link as string)
  return links.filter((link) => link.startsWith(REPOSITORY) || !/^https?:/.test(link))
}

function leadsSomewhere(link: URL): boolean {
  const file = new URL(link.pathname, link)
  if (link.hash === '') return existsSync(file)
  return existsSync(file) && anchorsOf(readFileSync(file, 'utf8')).includes(link.hash)
}

/** The anchors of the headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const headings = [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(
    ([, heading]) => heading ?? '',
  )
  return headings.map(
    (heading) =>
      `#${heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-')}`,
  )
}
