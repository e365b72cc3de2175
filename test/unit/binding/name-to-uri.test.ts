import { expect } from 'chai'
import { namingStyles, nameToUri } from '../../../lib/binding/name-to-uri.ts'

describe('binding/name-to-uri', () => {
  const names: [name: string, kebab: string, full: string, lower: string, camel: string][] = [
    ['showAll', 'show-all', 'showAll', 'showall', 'showAll'],
    ['ShowAll', 'show-all', 'ShowAll', 'showall', 'showAll'],
    ['show', 'show', 'show', 'show', 'show'],
    ['Show', 'show', 'Show', 'show', 'show'],
    ['x', 'x', 'x', 'x', 'x'],
    ['getHTMLPage', 'get-html-page', 'getHTMLPage', 'gethtmlpage', 'getHTMLPage'],
    ['show2', 'show2', 'show2', 'show2', 'show2'],
    ['show2All', 'show2-all', 'show2All', 'show2all', 'show2All'],
    ['show_all', 'show_all', 'show_all', 'show_all', 'show_all'],
    ['straßeÄndern', 'straße-ändern', 'straßeÄndern', 'straßeändern', 'straßeÄndern'],
  ]

  for (const [name, ...uris] of names) {
    it(`${name} becomes ${uris.join(', ')}`, () => {
      expect(['kebab', 'full', 'lower', 'camel'].map((style) => nameToUri(name, style as 'kebab'))).to.deep.equal(uris)
    })
  }

  it('there are these styles and no others', () => {
    expect(namingStyles).to.have.members(['kebab', 'full', 'lower', 'camel'])
  })
})
