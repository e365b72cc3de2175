import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import * as tribind from 'tribind'

const root = new URL('../../', import.meta.url)
const rows = readFileSync(new URL('docs/errors.md', root), 'utf8').matchAll(/^\| `(ERR_\w+)` \| `(\w+)`/gm)
const documented = new Map([...rows].map(([, code, name]) => [code as string, name as string]))
const sources = readdirSync(new URL('lib', root), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(new URL(`lib/${file}`, root), 'utf8'))
  .join('\n')

describe('the catalogue of error codes', () => {
  it('is documented, code for code', () => {
    expect([...documented.keys()].sort()).to.deep.equal(Object.values(tribind.errorCodes).sort())
  })

  for (const [code, name] of documented) {
    it(`has the class ${name} for ${code}, exported and thrown`, () => {
      expect(Reflect.get(tribind, name)).to.have.property('prototype').that.is.instanceOf(tribind.TribindError)
      const key = Object.entries(tribind.errorCodes).find(([, value]) => value === code)?.[0]
      expect(sources, 'its class carries the code').to.match(new RegExp(`errorCodes\\.${key}\\b`))
      if (name !== 'HttpError')
        expect(sources, 'somebody throws it').to.match(new RegExp(`(throw|reject\\(|return) ?new ${name}\\(`))
    })
  }
})
