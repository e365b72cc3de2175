import { expect } from 'chai'
import type { InjectOptions, Request } from 'tribind'
import { createWorld, type World } from '../model/aggregate-world.ts'

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

describe('middlewares of a configuration', () => {
  let world: World
  beforeEach(() => {
    world = createWorld('refuse', { logger: { debug() {}, info() {}, warn() {}, error() {} } })
    world.server.provide('echo', (request: Request) => `${request.path} ${request.header('x-own') ?? ''}`)
  })
  afterEach(() => world.server.stop())

  const serve = (middlewares: unknown[], service: object = { use: 'echo' }, more = {}) =>
    world.apply({
      file: {
        routes: {
          in: { pattern: '/in/*path', service, middlewares },
          out: { pattern: '/out', service: { text: 'out' } },
        },
        ...more,
      },
    })
  const send = (given: InjectOptions = {}) => world.server.inject({ url: '/in/a', ...given })

  it('change the path and the fields that the service sees', async () => {
    await serve([
      { stripPrefix: '/in' },
      { addPrefix: '/x' },
      { headers: { request: { 'X-Own': 'yes' }, response: { 'X-Back': 'b' } } },
    ])
    const answer = await send()
    expect([answer.text(), answer.headers['x-back']]).to.deep.equal(['/x/a yes', 'b'])
    await serve([{ replacePath: '/other' }])
    expect((await send()).text()).to.equal('/other ')
  })

  it('refuse: 401, 403, 413, 429 and 503', async () => {
    await serve([{ basicAuth: { users: { alice: 'plain:secret' }, realm: 'shop' } }])
    expect((await send()).headers['www-authenticate']).to.contain('shop')
    expect((await send({ headers: { authorization: basic('alice', 'wrong') } })).status).to.equal(401)
    expect((await send({ headers: { authorization: basic('alice', 'secret') } })).status).to.equal(200)
    await serve([{ ipDeny: ['127.0.0.1'] }])
    expect((await send()).status).to.equal(403)
    await serve([{ ipAllow: ['10.0.0.0/8'] }])
    expect((await send()).status).to.equal(403)
    await serve([{ bodyLimit: 3 }])
    expect((await send({ method: 'POST', body: 'four' })).status).to.equal(413)
    await serve([{ rateLimit: { average: 1, period: '1h', burst: 2 } }])
    expect([(await send()).status, (await send()).status, (await send()).status]).to.deep.equal([200, 200, 429])
    world.server.provide(
      'slow',
      ({ signal }: Request) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
    )
    await serve([{ timeout: '10ms' }], { use: 'slow' })
    expect((await send()).status).to.equal(503)
    await serve([{ circuitBreaker: { failures: 1 } }], 'unavailable@internal' as never)
    expect((await send()).headers['retry-after']).to.equal(undefined)
    expect((await send()).headers['retry-after']).to.equal('10')
  })

  it('allow as many requests at a time as inFlight says', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    world.server.provide('held', () => held.then(() => 'held'))
    await serve([{ inFlight: { amount: 1 } }], { use: 'held' })
    const first = send()
    while ((await send()).status !== 429);
    release()
    expect((await first).text()).to.equal('held')
    expect((await send()).status).to.equal(200)
  })

  it('answer themselves: redirect, and pages of errors', async () => {
    await serve([{ redirect: { to: 'https://example.com{path}' } }])
    const { status, headers } = await send()
    expect([status, headers.location]).to.deep.equal([302, 'https://example.com/in/a'])
    await serve([{ errorPages: { status: ['5xx'], service: 'sorry' } }], 'unavailable@internal' as never, {
      services: { sorry: { text: 'Sorry' } },
    })
    const answer = await send()
    expect([answer.status, answer.text()]).to.deep.equal([503, 'Sorry'])
  })

  it('serve pages of errors from a folder, by the whole path', async () => {
    await serve(
      [
        {
          errorPages: {
            status: [503],
            service: { static: { root: 'test/dynamic' } },
            path: '/middlewares/page-{status}.txt',
          },
        },
      ],
      'unavailable@internal' as never,
    )
    const answer = await send()
    expect([answer.status, answer.text().trim()]).to.deep.equal([503, 'The page for 503'])
  })

  it('retry what has failed', async () => {
    let calls = 0
    world.server.provide('flaky', () => {
      if (++calls < 3) throw Object.assign(new Error('away'), { status: 503, expose: true })
      return `call ${calls}`
    })
    await serve([{ retry: { attempts: 2, backoff: 0 } }], { use: 'flaky' })
    expect((await send()).text()).to.equal('call 3')
  })

  it('redirect to HTTPS, and tag answers', async () => {
    await serve([{ redirectToHttps: { port: 8443 } }])
    const { status, headers } = await send({ headers: { host: 'shop.example' } })
    expect([status, headers['location']]).to.deep.equal([308, 'https://shop.example:8443/in/a'])
    await serve([{ etag: { weak: false } }])
    const tag = (await send()).headers['etag'] as string
    expect(tag).to.match(/^"/)
    expect((await send({ headers: { 'if-none-match': tag } })).status).to.equal(304)
  })

  it('set fields: securityHeaders, requestId, compress', async () => {
    await serve([
      { securityHeaders: { xFrameOptions: 'DENY' } },
      { requestId: { header: 'X-Id' } },
      { compress: { threshold: 1 } },
    ])
    const { headers } = await send({ headers: { 'accept-encoding': 'gzip' } })
    expect([headers['x-frame-options'], headers['content-encoding']]).to.deep.equal(['DENY', 'gzip'])
    expect(headers['x-id']).to.be.a('string')
  })

  it('cors answers preflights, though no route serves OPTIONS, ahead of what asks for credentials', async () => {
    await world.apply({
      file: {
        routes: {
          in: {
            pattern: 'GET,PUT:/in/*path',
            service: { text: 'in' },
            middlewares: ['cross', { basicAuth: { users: { a: 'plain:b' } } }],
          },
          other: { pattern: 'GET:/other', service: { text: 'other' } },
        },
        middlewares: { cross: { cors: { origin: ['https://a.example'], methods: ['PUT'] } } },
      },
    })
    const preflight = {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example', 'access-control-request-method': 'PUT' },
    }
    const { status, headers } = await send(preflight)
    expect([status, headers['access-control-allow-origin'], headers['access-control-allow-methods']]).to.deep.equal([
      204,
      'https://a.example',
      'PUT',
    ])
    expect(
      (await world.server.inject({ ...preflight, url: '/other' })).headers['access-control-allow-origin'],
    ).to.equal(undefined)
    const refused = await send({ headers: { origin: 'https://a.example' } })
    expect([refused.status, refused.headers['access-control-allow-origin']]).to.deep.equal([401, 'https://a.example'])
  })

  it('act on their route alone, in order, through chains, at one entry point as at all', async () => {
    world.server.provideMiddleware('mark', (text: string) => (request, next) => {
      request.response.addHeader('X-Marks', text)
      return next()
    })
    const two = { chain: [{ mark: 'b' }, { chain: ['c'] }] }
    await world.apply({
      file: {
        routes: {
          in: {
            pattern: '/in/*path',
            service: { text: '' },
            middlewares: [{ mark: 'a' }, two, { mark: 'd' }],
            entryPoints: ['default'],
          },
          out: { pattern: '/out', service: { text: '' } },
        },
        middlewares: { c: { mark: 'c' } },
      },
    })
    expect((await send()).headers['x-marks']).to.equal('a, b, c, d')
    expect((await world.server.inject('/out')).headers['x-marks']).to.equal(undefined)
    expect((await world.server.inject('/none')).headers['x-marks']).to.equal(undefined)
  })
})
