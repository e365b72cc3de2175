import { readdirSync, readFileSync, statSync } from 'node:fs'
import { expect } from 'chai'

const folder = new URL('../../../lib/admin/page/', import.meta.url)
const names = readdirSync(folder)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')

describe('the files of the dashboard', () => {
  it('have 150 kB at most', () => {
    const sizes = names.map((name) => statSync(new URL(name, folder)).size)
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.lessThan(150_000)
  })

  it('are shown in docs/ by pictures of 150 kB at most', () => {
    const docs = new URL('../../../docs/', import.meta.url)
    const pictures = readdirSync(docs).filter((name) => name.endsWith('.png'))
    expect(pictures).to.have.members([
      'administration-dark.png',
      'administration-light.png',
      'administration-phone.png',
    ])
    for (const name of pictures) expect(statSync(new URL(name, docs)).size, name).to.be.lessThan(150_000)
  })

  it('name no other host, and have neither code nor style in the markup', () => {
    const page = read('index.html')
    expect(page).not.to.match(/ (style|on\w+)=|<style|<script(?! type="module" src="page\/)/)
    const addresses = names.flatMap((name) => read(name).match(/https?:\/\/[^\s'"`)]+/g) ?? [])
    // The namespace of SVG, which nothing is loaded from.
    expect([...new Set(addresses)]).to.deep.equal(['http://www.w3.org/2000/svg'])
  })

  it('never make markup of a text', () => {
    const makers = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function/
    expect(names.filter((name) => makers.test(read(name)))).to.deep.equal([])
  })
})
