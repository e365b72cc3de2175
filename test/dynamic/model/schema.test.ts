import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { parse } from 'yaml'
import { configurationSchema } from '../../../lib/dynamic/model/configuration-schema.ts'
import { createWorld } from './aggregate-world.ts'

const validate = new Ajv2020({ allErrors: true }).compile(configurationSchema)

/** Of the contract. */
const example = `
# yaml-language-server: $schema=../node_modules/tribind/dist/configuration.schema.json
routes:
  cart:    { pattern: "GET:/cart/*path@shop.example.com", service: carts, middlewares: [signed-in, limited], entryPoints: [web] }
  hello:   { pattern: "/hello", service: { text: "Hello" } }
services:
  carts:   { forward: { nodes: [ { addr: "http://10.0.0.7:8080", weight: 2 }, { addr: "http://10.0.0.8:8080" } ], selector: { strategy: round, maxFails: 2, failTimeout: 10s }, interface: eth1 } }
  books:   { use: books.show }
  files:   { static: { root: . } }
middlewares:
  signed-in: { basicAuth: { users: { alice: "plain:secret" }, realm: shop } }
  limited:   { rateLimit: { average: 100, period: 1s, burst: 50 } }
  both:      { chain: [ signed-in, limited ] }
`

/** Documents that use what there is. */
const documents: Record<string, object> = {
  services: {
    services: {
      forward: {
        forward: {
          nodes: [
            'http://a:1',
            {
              addr: 'https://b',
              backup: true,
              tls: { serverName: 'b', ca: 'PEM' },
              host: 'node',
              headers: { request: { A: '' } },
            },
          ],
          probe: { path: '/health', interval: '5s', status: [200, '3xx'] },
          failStatus: '5xx',
          retry: { attempts: 2, on: ['connect', 503], methods: ['get'], buffer: 10 },
          interface: { list: ['eth0!', 'auto'], strategy: 'rand' },
          rewrite: { '/old/*rest': '/new/*rest' },
          stripPrefix: '/a',
          addPrefix: '/b',
          headTimeout: 1000,
        },
      },
      static: { static: { root: '.', index: ['a.html'], listing: true, maxAge: 1 } },
      redirect: { redirect: { to: '/new{query}', status: 301 } },
      text: { text: '', status: 204, headers: { 'X-A': 'b' } },
      json: { json: [null, { a: 1 }] },
      weighted: { weighted: [{ service: 'text', weight: 2 }, { service: { text: 'inline' } }] },
      mirror: { mirror: { service: 'text', to: { json: 1 }, percent: 0.5 } },
      failover: { failover: { service: 'text', fallback: 'not-found@internal', maxBodySize: 0 } },
    },
  },
  middlewares: {
    middlewares: {
      addPrefix: { addPrefix: '/a' },
      stripPrefix: { stripPrefix: '/a' },
      replacePath: { replacePath: '/' },
      headers: { headers: { request: { A: 'b' }, response: { C: '' } } },
      forwardAuth: { forwardAuth: { url: 'http://auth', timeout: '1s', responseHeaders: ['X-User'] } },
      inFlight: { inFlight: { amount: 1 } },
      retry: { retry: { attempts: 1, backoff: 0 } },
      circuitBreaker: { circuitBreaker: {} },
      ipAllow: { ipAllow: ['10.0.0.0/8', 'loopback'] },
      ipDeny: { ipDeny: ['::1'] },
      redirect: { redirect: { to: 'https://{host}{path}{query}' } },
      cors: {
        cors: { origin: ['https://a.example'], methods: 'GET, PUT', allowedHeaders: ['X-A'], credentials: true },
      },
      compress: { compress: { threshold: 1, codings: ['gzip'] } },
      securityHeaders: { securityHeaders: { xFrameOptions: false, referrerPolicy: 'origin' } },
      requestId: { requestId: { header: 'X-Id', trust: true } },
      timeout: { timeout: '1.5s' },
      bodyLimit: { bodyLimit: 0 },
      errorPages: {
        errorPages: { status: ['5xx', 404, '400-402'], service: { text: 'sorry' }, path: '/{status}.html' },
      },
      chain: { chain: ['cors', { compress: {} }] },
    },
  },
}

const refused: [string, object][] = [
  ['an unknown part', { router: {} }],
  ['a name with @', { services: { 'a@b': { text: '' } } }],
  ['an unknown member of a route', { routes: { a: { pattern: '/', service: 'a', middleware: [] } } }],
  ['a route without a service', { routes: { a: { pattern: '/' } } }],
  ['two kinds of service', { services: { a: { text: '', json: 1 } } }],
  ['an option of another type', { services: { a: { forward: { nodes: [{ addr: 'http://a', weight: '2' }] } } } }],
  ['an unknown option', { services: { a: { forward: { nodes: ['http://a'], timeout: 1 } } } }],
  ['no nodes', { services: { a: { forward: { nodes: [] } } } }],
  ['an unknown option of a middleware', { middlewares: { a: { rateLimit: { average: 1, perid: '1s' } } } }],
  ['a time without a unit', { middlewares: { a: { timeout: '10' } } }],
  ['two kinds of middleware', { middlewares: { a: { timeout: 1, compress: {} } } }],
]

describe('the JSON Schema of a configuration', () => {
  const check = async (document: object) => {
    const world = createWorld('refuse', { entryPoints: { web: { address: '127.0.0.1:0' } } })
    world.server.provide('books.show', () => 'shown')
    const { file = [] } = await world.check({ file: document })
    await world.server.stop()
    return file
  }

  it('takes the example of the contract, and so does the server', async () => {
    const document = parse(example) as object
    expect([validate(document), validate.errors]).to.deep.equal([true, null])
    expect(await check(document)).to.deep.equal([])
  })

  for (const [name, document] of Object.entries(documents))
    it(`takes all kinds of ${name}, and so does the server`, async () => {
      expect([validate(document), validate.errors]).to.deep.equal([true, null])
      expect(await check(document)).to.deep.equal([])
    })

  for (const [name, document] of refused)
    it(`refuses ${name}, and so does the server`, async () => {
      expect(validate(document)).to.equal(false)
      expect(await check(document)).not.to.deep.equal([])
    })

  it('takes middleware that code gave a name to', () => {
    expect(validate({ middlewares: { a: { audit: { level: 3 } }, b: { audit: true } } })).to.equal(true)
  })
})
