import { expect } from 'chai'
import { type AdminOptions, ConfigError, Server } from 'tribind'

const token = 'sixteen-letters-'

/** What the option is refused with. */
function refusalOf(admin: AdminOptions): string {
  try {
    return `${new Server({ admin }).name} was created`
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError)
    return (error as ConfigError).message
  }
}

describe('the option admin', () => {
  for (const address of [
    '127.0.0.1:8198',
    '127.0.0.2:0',
    '[::1]:8198',
    'localhost:8198',
    'unix:/tmp/tribind-admin.sock',
  ])
    it(`takes the address ${address}`, () => {
      expect(refusalOf({ address, token })).to.equal('default was created')
    })

  for (const address of [
    ':8198',
    '0.0.0.0:8198',
    '[::]:8198',
    '10.0.0.1:8198',
    'admin.example.com:8198',
    '127.evil.example:1',
  ])
    it(`refuses the address ${address}, and says what to do instead`, () => {
      expect(refusalOf({ address, token })).to.match(/^option "admin\.address" .*loopback.*(reverse proxy|SSH tunnel)/)
    })

  it('refuses several addresses', () => {
    expect(refusalOf({ address: '127.0.0.1:1,127.0.0.1:2', token })).to.include('one address')
  })

  it('requires a token of 16 characters, but for a Unix socket', () => {
    expect(refusalOf({})).to.include('admin.token').and.include('required')
    expect(refusalOf({ address: 'unix:/tmp/a.sock' })).to.equal('default was created')
    for (const short of ['', 'fifteen-letters', 'with a blank in it', 'kürzer-als-es-aussieht'])
      expect(refusalOf({ token: short }))
        .to.include('admin.token')
        .and.not.include(short || 'nothing')
  })

  for (const pathPrefix of ['admin', '/admin/', '/', '/a//b', '/a/../b', '/:x', '/a*'])
    it(`refuses the prefix ${pathPrefix}`, () => {
      expect(refusalOf({ token, pathPrefix })).to.include('admin.pathPrefix')
    })

  it('refuses what it does not know', () => {
    expect(refusalOf({ token, port: 1 } as never)).to.include('admin.port')
  })
})
