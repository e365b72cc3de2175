import { expect } from 'chai'
import fc from 'fast-check'
import { printServices } from '../../../lib/cli/services/print-services.ts'
import { servicesSchema } from '../../../lib/cli/services/services-schema.ts'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { issuesOf, read, said } from './read.ts'

const validate = new Ajv2020({ allErrors: true, strict: false }).compile(servicesSchema)

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const texts = fc
  .string({ minLength: 1, maxLength: 12 })
  .filter((text) => !/[\0-\x1f\x7f]|\*\*\*/.test(text) && text.isWellFormed())
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const time = fc.oneof(fc.integer({ min: 1000, max: 60_000 }), fc.constantFrom('1s', '10s', '2m', '1500'))
const truth = fc.constantFrom(true, false, 'true', 'false')
const count = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom('1', '7'))
const auth = fc.record({ username: word, password: texts })
const selector = fc.record(
  { strategy: fc.constantFrom('round', 'rand', 'fifo', 'hash', 'least'), maxFails: count, failTimeout: time },
  { requiredKeys: [] },
)
const address = fc.tuple(word, fc.integer({ min: 1, max: 65_535 })).map(([host, port]) => `${host}:${port}`)
const own = {
  name: some(word),
  weight: some(count),
  backup: some(truth),
  maxFails: some(count),
  failTimeout: some(time),
}
const egress = fc.constantFrom('eth0', '127.0.0.1,auto', ['eth0', '::1'], { list: 'eth0!,eth1', strategy: 'rand' })
const commands = fc.oneof(
  texts.map((text) => `echo "${text.replaceAll(/["\\]/g, '')}"`),
  fc.constant([['echo', '-n', '***'.slice(1)], { run: 'true', timeout: '2s' }]),
)
const hop = fc.record({
  interface: some(egress),
  selector: some(selector),
  retries: some(count),
  nodes: fc.array(
    fc.record({
      ...own,
      addr: address,
      connector: some(fc.record({ type: fc.constantFrom('http', 'socks5'), auth: some(auth) })),
      dialer: some(fc.constantFrom({ type: 'tcp' }, { type: 'tls', serverName: 'a', rejectUnauthorized: 'false' })),
    }),
    { minLength: 1, maxLength: 3 },
  ),
})
const metadata = {
  enableStats: some(truth),
  ignoreChain: some(truth),
  preUp: some(commands),
  postDown: some(commands),
}
const common = { name: fc.constant(undefined), addr: fc.constantFrom('127.0.0.1:0', '[::1]:0', ':0') }
const proxy = fc.record({
  ...common,
  handler: fc.record({
    type: fc.constantFrom('http', 'socks5', 'auto'),
    auth: some(auth),
    chain: some(fc.constant('chain')),
  }),
  observer: fc.constant('observer'),
  metadata: fc.record({ ...metadata, 'observer.period': some(time), 'observer.resetTraffic': some(truth) }),
})
const tcp = fc.record({
  ...common,
  handler: fc.constant({ type: 'tcp' }),
  forwarder: fc.record({
    selector: some(selector),
    nodes: fc.array(fc.record({ ...own, addr: address, interface: some(egress) }), { minLength: 1, maxLength: 2 }),
  }),
  metadata: fc.record(metadata),
})
const forward = fc.record({
  ...common,
  handler: fc.constant({ type: 'forward' }),
  forwarder: fc.record({
    nodes: fc.array(fc.record({ ...own, addr: address.map((one) => `http://${one}/a`) }), {
      minLength: 1,
      maxLength: 2,
    }),
    probe: some(fc.constant({ path: '/health', status: [200, '3xx'], rise: '2' })),
    failStatus: some(fc.constantFrom('5xx', [503, '504'])),
    connectTimeout: some(time),
    headers: some(fc.dictionary(fc.constantFrom('X-A', 'X-B'), word).map((request) => ({ request }))),
    rewrite: some(fc.constant({ '/old/*rest': '/new/*rest' })),
  }),
  metadata: fc.record({ ...metadata, interface: some(egress) }),
})
const document = fc.record({
  services: fc.array(fc.oneof(proxy, tcp, forward), { minLength: 1, maxLength: 4 }),
  chains: fc
    .tuple(hop, hop)
    .map(([first, second]) => [{ name: 'chain', hops: [{ name: 'hop' }, 'hop', first, { ...second, name: 'last' }] }]),
  hops: hop.map((one) => [{ ...one, name: 'hop' }]),
  observers: fc
    .record({ token: some(word), timeout: some(time) })
    .map((plugin) => [{ name: 'observer', plugin: { ...plugin, addr: 'http://127.0.0.1:9/' } }]),
  api: some(
    fc.constantFrom({ auth: '0123456789abcdef' }, { addr: 'unix:/tmp/a', pathPrefix: '/a', dashboard: 'false' }),
  ),
})

describe('-O', () => {
  it('prints what says the same when it is read, and the schema has all of it', async function () {
    this.timeout(60_000)
    await fc.assert(
      fc.asyncProperty(document, async (given) => {
        const text = JSON.stringify(given)
        expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).to.equal(true)
        const { model } = await read({ files: ['-'] }, text)
        for (const format of ['json', 'yaml'] as const) {
          const printed = printServices(model, format, true)
          const again = await read({ files: ['-'] }, printed)
          expect(said(again.model)).to.deep.equal(said(model))
          expect(printServices(again.model, format, true)).to.equal(printed)
          expect(validate(parse(printed)), JSON.stringify(validate.errors)).to.equal(true)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('hides secrets so that what it prints is refused, and not taken for them', async () => {
    const { model } = await read({
      listen: ['socks5://user:geheim@127.0.0.1:0?observer=http://u:geheim@127.0.0.1:9/'],
      forward: ['http://a:geheim@b:1'],
    })
    for (const format of ['json', 'yaml'] as const) {
      const printed = printServices(model, format, false)
      expect(printed).not.to.contain('geheim')
      const issues = await issuesOf({ files: ['-'] }, printed)
      expect(issues.map(({ path }) => path)).to.include.members([
        'services.0.handler.auth.password',
        'observers.0.plugin.addr',
        'chains.0.hops.0.nodes.0.connector.auth.password',
      ])
    }
  })
})

describe('any document', () => {
  const names = fc.constantFrom(
    'services',
    'chains',
    'hops',
    'observers',
    'api',
    'name',
    'addr',
    'handler',
    'type',
    'chain',
    'auth',
    'metadata',
    'module',
    'listener',
    'tls',
    'forwarder',
    'nodes',
    'selector',
    'strategy',
    'connector',
    'dialer',
    'ca',
    'plugin',
    'observer',
    'interface',
    'preUp',
    'probe',
    'headers',
    'observer.period',
    'x',
    '',
    'a.b',
    '"',
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<unknown>,
      fc.constantFrom('http', 'tcp', 'app', 'forward', 'tls', ':80', '***', '/none'),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(names, tie('tree'), { maxKeys: 6 }),
    ),
  }))
  const part = fc.dictionary(names, tree, { maxKeys: 6 })
  const wild = fc.oneof(
    tree,
    fc.record(
      {
        services: fc.array(part, { maxLength: 3 }),
        chains: fc.array(part, { maxLength: 2 }),
        hops: fc.array(part, { maxLength: 2 }),
        observers: fc.array(part, { maxLength: 2 }),
        api: part,
      },
      { requiredKeys: [] },
    ),
  )

  it('is a model, or has issues with paths, and breaks nothing', async () => {
    await fc.assert(
      fc.asyncProperty(wild, async (given) => {
        const issues = await issuesOf({ files: ['-'] }, JSON.stringify(given) ?? 'null')
        for (const { path, source, message } of issues) {
          expect(source).to.equal('standard input')
          expect(path).to.be.a('string')
          expect(message).to.be.a('string').and.not.equal('')
        }
      }),
      { numRuns: 150 },
    )
  })

  it('may be a URL of any form', async () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom(
        'http',
        '://',
        '@',
        ':',
        '8080',
        '?',
        '&',
        '=',
        'interface',
        '__proto__',
        '+tls',
        ',',
        '/',
        '[::1]',
        'unix:',
        '%zz',
        'tcp',
      ),
    )
    const url = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
    await fc.assert(
      fc.asyncProperty(
        fc.array(url, { minLength: 1, maxLength: 2 }),
        fc.array(url, { maxLength: 2 }),
        async (listen, forward) => {
          for (const { source, message } of await issuesOf({ listen, forward })) {
            expect(source).to.match(/^-[LF] /)
            expect(message).not.to.equal('')
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})
