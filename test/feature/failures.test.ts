import { expect } from 'chai'
import * as tribind from 'tribind'
import { createPath, Server, type TribindError } from 'tribind'
import { expectFailure, failureOf } from './expect-failure.ts'
import { bothWays, callUntyped, collectingLogger, rejected, thrownBy } from './both-ways.ts'
import { viewFolder } from './view-folder.ts'

const handler = () => 'ok'
const create = (options: object = {}) => new Server({ logger: collectingLogger(), ...options })
const bind =
  (method: string, ...args: unknown[]) =>
  () =>
    callUntyped(create(), method, ...args)
const path =
  (pattern: string, params: object = {}) =>
  () =>
    createPath(pattern, params as Record<string, string>)

class Pages {
  show() {}
  'a/b'() {}
}

/** What makes each failure: a call that throws. */
const calls: Readonly<Record<string, readonly (() => unknown)[]>> = {
  OPTION_UNKNOWN: [() => create({ prot: 80 })],
  OPTION_VALUE: [() => create({ port: -1 }), () => create({ trustProxy: 'x' }), () => Reflect.construct(Server, [5])],
  OPTION_MISSING: [() => create({ view: {} })],
  OPTION_CONFLICT: [() => create({ http2: true }), () => create({ headersTimeout: 2, requestTimeout: 1 })],
  ARGUMENT_NOT_A_FUNCTION: [
    bind('registerStartupHook', 5),
    bind('registerRoutes'),
    bind('registerShutdownHook', null),
    () => tribind.fromConnect(5 as never),
  ],
  ADDRESS_SYNTAX: [() => create({ address: 'a:b' }), bind('setAddress', 5), bind('setAddress', 'unix:/folder/')],
  ADDRESS_PORT: [() => create({ address: 'unix:/run/app.sock', port: 80 })],
  ADDRESS_LENGTH: [bind('setAddress', `unix:/${'x'.repeat(200)}`)],
  LAYER_NAME: [bind('layer', ''), bind('layer', 5)],
  SWITCH_EVENT: [bind('on', 'request', handler), bind('off', 'request', handler)],
  COMPONENT: [bind('install', { name: 'x', start() {} }), bind('install', null)],
  BASIC_AUTH_USER: [() => tribind.fixedUsers({ 'a:b': 'x' }), () => tribind.fixedUsers({ ann: '' })],
  CONNECT_ERROR_HANDLER: [() => tribind.fromConnect(((_a: 1, _b: 2, _c: 3, _d: 4) => {}) as never)],
  HTTP_ERROR_STATUS: [() => new tribind.HttpError(200)],
  ROUTE_ARGUMENTS: [bind('get', '/x', handler, handler)],
  ROUTE_TYPE: [bind('get', 5, handler)],
  ROUTE_START: [bind('get', 'x', handler), path('x')],
  ROUTE_METHOD_UNKNOWN: [bind('bindHandler', 'FETCH:/x', handler), path('FETCH:/x')],
  ROUTE_METHOD_EXTRA: [
    bind('get', 'GET:/x', handler),
    bind('group', 'GET:/x'),
    bind('bindObjectRest', 'GET:/x', { get: handler }),
  ],
  ROUTE_DOMAIN_INVALID: [bind('domain', 'a b'), bind('domain', 5), bind('get', '/x@a:80', handler)],
  ROUTE_DOMAIN_EXTRA: [() => create().domain('a.example').get('/x@b.example', handler)],
  ROUTE_SEGMENT_UNREACHABLE: [bind('get', '/../x', handler)],
  ROUTE_FIELD_UNCLOSED: [bind('get', '/{x', handler)],
  ROUTE_FIELDS_ADJACENT: [bind('get', '/{a}{b}', handler)],
  ROUTE_FIELD_UNNAMED: [bind('get', '/x{}', handler)],
  ROUTE_PARAM_NAME: [bind('get', '/:a+b', handler)],
  ROUTE_PARAM_DUPLICATE: [bind('get', '/:a/:a', handler)],
  ROUTE_PARAM_UNNAMED: [path('/:')],
  ROUTE_PARAM_MISSING: [path('/:a')],
  ROUTE_PARAM_VALUE: [path('/x{a}', { a: 'b/c' }), path('/:a', { a: '..' }), path('/:a', { a: '\ud800' })],
  ROUTE_EVENT_UNKNOWN: [bind('bindHookHandler', '/x', 'BeforeLunch', handler)],
  ROUTE_STATUS: [bind('bindStatusHandler', 99, handler)],
  ROUTE_HANDLER: [
    bind('get', '/x'),
    bind('use'),
    bind('bindMiddleware', '/x', 5),
    bind('bindHookHandler', '/x', 'BeforeServe', null),
    bind('bindStatusHandler', 404, 'text'),
    bind('bindWebSocket', '/x', 'text'),
  ],
  ROUTE_OBJECT: [bind('bindObject', '/x', null)],
  ROUTE_CONTROLLER: [bind('bindController', '/x', handler)],
  ROUTE_MEMBERS_MISSING: [bind('bindObject', '/x', {}), bind('bindControllerRest', '/x', Pages)],
  ROUTE_MEMBERS_EMPTY: [bind('bindObject', '/x', new Pages(), ' ')],
  ROUTE_MEMBER_UNKNOWN: [bind('bindObject', '/x', new Pages(), 'shwo')],
  ROUTE_NAME_MISSING: [
    bind('bindObjectMethod', '/{.struct}', Object.create({ show() {}, constructor: undefined }), 'show'),
  ],
  ROUTE_NAME_SEGMENT: [bind('bindObject', '/x', new Pages(), 'a/b')],
  ROUTE_STATIC_PREFIX: [bind('serveStatic', '/*a/x', '.')],
  ROUTE_STATIC_ROOT: [bind('serveStatic', '/x', './missing')],
  SERVICE_UNKNOWN: [bind('service', 'x')],
}

function withLogLevel<T>(level: string, act: () => T): T {
  const before = process.env['LOG_LEVEL']
  process.env['LOG_LEVEL'] = level
  try {
    return act()
  } finally {
    if (before === undefined) delete process.env['LOG_LEVEL']
    else process.env['LOG_LEVEL'] = before
  }
}

/** What makes each failure: a call that rejects. */
const slowCalls: Readonly<Record<string, () => Promise<unknown>>> = {
  LOG_LEVEL: async () => withLogLevel('loud', () => tribind.createLogger()),
  BASE_CONTEXT: () => create({ address: '127.0.0.1:0', baseContext: () => 5 }).start(),
  TLS_FILE: () => create({ https: { key: '/missing', cert: '/missing' } }).start(),
  TLS_KEY: () => create({ https: { key: 'package.json', cert: 'test/tls/cert.pem' } }).start(),
  TLS_CERTIFICATE: () => create({ https: { key: 'test/tls/key.pem', cert: 'package.json' } }).start(),
  TLS_MISMATCH: () => create({ https: { key: 'test/tls/key.pem', cert: 'test/tls/other-cert.pem' } }).start(),
  TLS_OPTIONS: () =>
    create({ https: { key: 'test/tls/key.pem', cert: 'test/tls/cert.pem', ciphers: 'NONSENSE' } }).start(),
  LAYER_KEY: () =>
    create()
      .layer('x')
      .replace((routes) => routes.keep(undefined, handler)),
  LAYER_CODE: () => create().layer('code').remove(),
  LAYER_VERSION: () => create().layer('x').replace(handler, { ifVersion: 7 }),
  LAYER_BUILT: async () => {
    let late = (): unknown => undefined
    await create()
      .layer('x')
      .replace((routes) => {
        late = () => routes.get('/late', handler)
      })
    late()
  },
  LAYER_AWAITED: async () => {
    const server = create()
    await server.layer('x').replace(() => server.layer('y').replace(handler))
  },
  ROUTE_FROZEN: () => whileServing((server) => server.get('/late', handler)),
  SERVER_STARTED: () => whileServing((server) => server.setPort(80)),
  SERVER_STOPPED: async () => {
    const server = create()
    await server.stop()
    await server.inject()
  },
  ENTRY_POINT_UNKNOWN: () => whileServing((server) => server.closeEntryPoint('missing')),
  ENTRY_POINT_OPEN: () => whileServing((server) => server.openEntryPoint('default', '127.0.0.1:0')),
  ENTRY_POINT_CLOSED: () =>
    whileServing(async (server) => {
      await server.closeEntryPoint('default')
      await server.replaceEntryPoint('default', '127.0.0.1:0')
    }),
  LISTEN_IN_USE: () => whileServing((server) => create({ address: server.addresses[0] }).start()),
  LISTEN_UNAVAILABLE: () => create({ address: '192.0.2.1:0' }).start(),
  LISTEN_PATH: () => create({ address: 'unix:/missing/app.sock' }).start(),
}

async function whileServing(act: (server: Server) => unknown): Promise<void> {
  const server = create({ address: '127.0.0.1:0' })
  await server.start()
  try {
    await act(server)
  } finally {
    await server.stop()
  }
}

describe('failures', () => {
  for (const [failure, acts] of Object.entries(calls)) {
    for (const [i, act] of acts.entries()) {
      it(`are named: ${failure} ${i + 1}`, () => expectFailure(thrownBy(act as () => void), failure))
    }
  }

  for (const [failure, act] of Object.entries(slowCalls)) {
    it(`are named: ${failure}`, async () => expectFailure(await rejected(act()), failure))
  }

  it('have the code of their family where there is nothing more to tell', () => {
    const server = create().get('/x', handler)
    expect(thrownBy(() => server.get('/x', handler))).to.have.property('failure', 'ERR_TRIBIND_DUPLICATE_ROUTE')
    expect(new tribind.HttpError(404)).to.have.property('failure', 'ERR_TRIBIND_HTTP')
  })

  it('of options are the same in every class', () => {
    const error = thrownBy(bind('serveStatic', '/x', '.', { maxage: 1 }) as () => void)
    expect(error).to.include({ code: 'ERR_TRIBIND_ROUTE', failure: 'ERR_TRIBIND_OPTION_UNKNOWN' })
  })

  const { root } = viewFolder({ 'thrown.eta': '<% throw new Error() %>', 'loop.eta': `<%~ include('loop') %>` })
  bothWays(
    'of views and sessions are named too',
    (server) => {
      server.get('/app/views', async ({ view }) => {
        const names = ['', 'missing', '../x', 'thrown', 'loop']
        const errors = await Promise.all(names.map((name) => rejected(view.parse(name))))
        return errors.map((error) => (error as TribindError).failure.replace('ERR_TRIBIND_VIEW_', ''))
      })
      server.get('/elsewhere', (request) => failureOf(() => request.session.get('x')))
      server.get('/app/session', async ({ session }) => {
        await session.destroy()
        return failureOf(() => session.set('x', 1))
      })
    },
    async (send) => {
      const views = (await send({ url: '/app/views' })).json()
      expect(views).to.deep.equal(['NAME', 'NOT_FOUND', 'OUTSIDE_ROOT', 'TEMPLATE', 'RECURSION'])
      expect((await send({ url: '/elsewhere' })).text).to.equal('ERR_TRIBIND_SESSION_PATH')
      expect((await send({ url: '/app/session' })).text).to.equal('ERR_TRIBIND_SESSION_DESTROYED')
    },
    { view: { root }, session: { secret: 'a secret of thirty-two characters', cookie: { path: '/app' } } },
  )
})

describe('the log', () => {
  it('has the failure of an error', () => {
    const lines: string[] = []
    const stream = { write: (line: string) => lines.push(line), on() {}, listeners: () => [] }
    const error = thrownBy(() => create({ prot: 80 }))
    tribind.createLogger({ stream: stream as never }).error('It failed', { error })
    expect(JSON.parse(lines.join(''))).to.have.nested.property('error.failure', 'ERR_TRIBIND_OPTION_UNKNOWN')
    tribind.createLogger({ stream: { ...stream, isTTY: true } as never }).error('It failed', { error })
    expect(lines[1]).to.contain('(ERR_TRIBIND_OPTION_UNKNOWN)')
  })
})
