import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { tribind } from './tribind.ts'

describe('tribind', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(await tribind(['--version'])).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('knows no other command', async () => {
    const { code, stderr } = await tribind(['rum'])
    expect(code).to.equal(2)
    expect(stderr).to.match(/^tribind: there is no command "rum"/)
  })
})
