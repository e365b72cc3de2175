import { expect } from 'chai'
import * as tribind from 'tribind'
import { Server } from 'tribind'
import { bothWays, callUntyped, rejected, thrownBy } from './both-ways.ts'

const stores = { FileSessionStore: tribind.FileSessionStore, MemorySessionStore: tribind.MemorySessionStore }
const construct = (name: keyof typeof stores) => (options: unknown) => Reflect.construct(stores[name], [options])
const call = (target: object, name: string, ...before: unknown[]) => {
  return (options: unknown) => callUntyped(target, name, ...before, options)
}

describe('a misspelt option', () => {
  for (const [who, take, given, code, message] of [
    [
      'new Server',
      (options: unknown) => Reflect.construct(Server, [options]),
      { prot: 1 },
      'CONFIG',
      'unknown option "prot", did you mean "port"?',
    ],
    ['cors', call(tribind, 'cors'), { orgin: '*' }, 'CONFIG', 'cors: unknown option "orgin", did you mean "origin"?'],
    [
      'createLogger',
      call(tribind, 'createLogger'),
      { Level: 'info' },
      'CONFIG',
      'createLogger: unknown option "Level", did you mean "level"?',
    ],
    [
      'MemorySessionStore',
      construct('MemorySessionStore'),
      { maxAge: 1 },
      'CONFIG',
      'MemorySessionStore: unknown option "maxAge", did you mean "maxAgeMs"?',
    ],
    [
      'FileSessionStore',
      construct('FileSessionStore'),
      { path: '/tmp' },
      'CONFIG',
      'FileSessionStore: unknown option "path". Known options: folder, maxAgeMs',
    ],
    [
      'bindWebSocket',
      call(new Server(), 'bindWebSocket', '/x', () => {}),
      { origin: '*' },
      'ROUTE',
      'unknown option "origin", did you mean "origins"?',
    ],
    [
      'serveStatic',
      call(new Server(), 'serveStatic', '/x', '.'),
      { maxage: 1 },
      'ROUTE',
      'unknown option "maxage", did you mean "maxAge"?',
    ],
  ] as const) {
    it(`of ${who} is refused, and the right one named`, () => {
      const error = thrownBy(() => take(given))
      expect(error).to.have.property('code', `ERR_TRIBIND_${code}`)
      expect(error.message).to.contain(message)
    })
  }

  bothWays(
    'of sse and serveFile too, before anything is opened or looked for',
    (server) => {
      server.get('/sse', ({ response }) => thrownBy(() => callUntyped(response, 'sse', { heartbeat: 1 })).message)
      server.get('/file', async ({ response }) => {
        const error = await rejected(callUntyped(response, 'serveFile', 'missing.txt', { maxage: 1 }) as Promise<void>)
        return error.message
      })
    },
    async (send) => {
      expect((await send('/sse')).text).to.match(/^sse: unknown option "heartbeat", did you mean "heartbeatMs"\?/)
      expect((await send('/file')).text).to.match(/^serveFile: unknown option "maxage", did you mean "maxAge"\?/)
    },
  )
})

describe('an option that is written in the wrong place', () => {
  for (const [given, message] of [
    [
      { enableStats: true },
      'unknown option "enableStats": it is an option of an entry point, entryPoints.NAME.enableStats',
    ],
    [
      { observer: 'http://a/' },
      'unknown option "observer": it is an option of an entry point, entryPoints.NAME.observer',
    ],
    [{ preUp: 'ls' }, 'unknown option "preUp": it is an option of an entry point, entryPoints.NAME.preUp'],
    [{ host: '::1' }, 'unknown option "host": write it in "address", such as "127.0.0.1:8080"'],
    [
      { entryPoints: { web: { host: '::1' } } },
      'unknown option "entryPoints.web.host": write it in "address", such as "127.0.0.1:8080"',
    ],
    [
      { entryPoints: { web: { address: ':0', preUp: { command: 'ls' } } } },
      'unknown option "entryPoints.web.preUp.command": write it as "run"',
    ],
    [
      { entryPoints: { web: { address: ':0', preUp: [{ cmd: 'ls' }] } } },
      'unknown option "entryPoints.web.preUp[0].cmd": write it as "run"',
    ],
  ] as const) {
    it(`is refused, and its place named: ${message}`, () => {
      const error = thrownBy(() => Reflect.construct(Server, [given]) as unknown)
      expect(error).to.have.property('failure', 'ERR_TRIBIND_OPTION_UNKNOWN')
      expect(error.message).to.equal(message)
    })
  }
})

describe('options', () => {
  it('are copied: what the caller does to them later has no effect', async () => {
    const cookieSecret = ['first']
    const index = ['none.html']
    const server = new Server({ cookieSecret })
    server.serveStatic('/lib', new URL('../types', import.meta.url), { index })
    server.get('/', ({ cookie }) => cookie.set('a', 'b', { signed: true }))
    cookieSecret[0] = ''
    index[0] = 'compile.ts'
    expect((await server.inject()).headers['set-cookie']?.[0]).to.match(/^a=/)
    expect((await server.inject({ url: '/lib/' })).status).to.equal(404)
  })
})
