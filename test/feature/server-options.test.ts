import { expect } from 'chai'
import { ConfigError, Server } from 'tribind'
import { createTestServer } from 'tribind/testing'
import { bothWays, rejected, thrownBy } from './both-ways.ts'
import { files } from './key-pair.ts'

describe('server: options', () => {
  for (const [place, options, known] of [
    ['maxBodysize', { maxBodysize: 1 }, 'maxBodySize'],
    ['https.pfx', { https: { ...files, pfx: 'x' } }, 'key'],
    ['view.folder', { view: { folder: '/tmp' } }, 'root'],
    ['upload.maxSize', { upload: { maxSize: 1 } }, 'maxFileSize'],
    ['session.secrets', { session: { secret: 'x', secrets: 'y' } }, 'store'],
    ['session.cookie.age', { session: { secret: 'x', cookie: { age: 1 } } }, 'maxAge'],
  ] as const) {
    it(`says of one that does not exist, ${place}, which there are`, () => {
      const error = thrownBy(() => new Server(options as object))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.match(new RegExp(`^unknown option "${place}".* Known options: .*\\b${known}\\b`))
    })
  }

  for (const given of [null, 8199, 'options', [], () => ({})]) {
    it(`are refused where they are none: ${JSON.stringify(given)}`, () => {
      const error = thrownBy(() => new Server(given as object))
      expect(error).to.be.instanceOf(ConfigError).with.property('message').that.contains('object of options')
    })
  }

  it('say which values there are', () => {
    const messages = [{ nameToUri: 'snake' }, { https: { ...files, minVersion: 'TLSv9' } }, { trustProxy: [] }].map(
      (options) => thrownBy(() => new Server(options as object)).message,
    )
    expect(messages[0]).to.equal('option "nameToUri" must be one of kebab, full, lower, camel, got "snake"')
    expect(messages[1]).to.equal(
      'option "https.minVersion" must be one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, got "TLSv9"',
    )
    expect(messages[2]).to.match(/ranges, got \[\]$/)
  })

  it('have no maximum that nobody would be served with', () => {
    expect(thrownBy(() => new Server({ maxConnections: 0 }))).to.be.instanceOf(ConfigError)
  })

  bothWays(
    'maxHeadersCount 0 is any number, as in node:http',
    (server) => server.get('/', () => 'all'),
    async (send) => {
      const headers = Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`x-${i}`, '']))
      expect((await send({ url: '/', headers })).text).to.equal('all')
    },
    { maxHeadersCount: 0, maxHeaderSize: 64 * 1024 },
  )
})

describe('server: calls before the start', () => {
  for (const call of ['registerStartupHook', 'registerShutdownHook', 'registerRoutes', 'setAddress'] as const) {
    it(`${call} refuses what it can't take at once`, () => {
      for (const value of [undefined, 8199]) {
        const error = thrownBy(() => new Server()[call](value as never))
        expect(error).to.be.instanceOf(ConfigError).with.property('message').that.contains(call)
      }
    })
  }

  it('createTestServer refuses what is no application', async () => {
    const error = await rejected(createTestServer({} as never))
    expect(error).to.be.instanceOf(ConfigError).with.property('message').that.contains('createTestServer')
  })
})
