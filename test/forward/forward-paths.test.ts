import { expect } from 'chai'
import fc from 'fast-check'
import { ConfigError } from 'tribind'
import { forward, type ForwardOptions } from 'tribind/forward'
import { thrownBy } from '../feature/both-ways.ts'
import { closeAfterEach, openFront, openNode, statusOf, type TestNode } from './forward-world.ts'

describe('forward: paths', () => {
  closeAfterEach()

  /** What nodes are asked for, by what came; a number for a status other than 200. */
  async function pathsBy(options: Partial<ForwardOptions>, ...paths: string[]): Promise<(string | number)[]> {
    const node = await openNode()
    const front = await openFront({ nodes: [node.url], ...options })
    const got: (string | number)[] = []
    for (const path of paths) got.push(await askedFor(front.exchange, node, path))
    return got
  }

  async function askedFor(exchange: (head: string) => Promise<string>, node: TestNode, path: string) {
    const status = statusOf(await exchange(`GET ${path} HTTP/1.1`))
    return status === 200 ? (node.asked.at(-1)?.url as string) : status
  }

  it('go on byte for byte', async () => {
    const paths = [
      '/',
      '//',
      '/a//b/',
      '/%61/%2F%2f',
      "/a;b=c,d/!$&'()*+~:@",
      '/?',
      '/x?a=%20&b=+&&c',
      '/x?/../y',

      '/%C3%A9',
      '/a%20b',
      '/...',
      '/a..b',
    ]
    expect(await pathsBy({}, ...paths)).to.deep.equal(paths)
  })

  it('follow the path of the address, whose slash at the end is not doubled', async () => {
    const node = await openNode()
    for (const addr of [`${node.url}/base`, `${node.url}/base/`]) {
      const front = await openFront(addr)
      expect(await askedFor(front.exchange, node, '/')).to.equal('/base/')
      expect(await askedFor(front.exchange, node, '/x/?y')).to.equal('/base/x/?y')
    }
    const front = await openFront(`${node.url}/`)
    expect(await askedFor(front.exchange, node, '/x')).to.equal('/x')
  })

  it('lose a prefix of whole segments, however it is written', async () => {
    const paths = ['/api', '/api/', '/api/x', '/api?q', '/%61pi/%78?q', '//api//x', '/apix', '/x/api', '/API/x']
    expect(await pathsBy({ stripPrefix: '/api' }, ...paths)).to.deep.equal([
      '/',
      '/',
      '/x',
      '/?q',
      '/%78?q',
      '//x',
      '/apix',
      '/x/api',
      '/API/x',
    ])
    expect(await pathsBy({ stripPrefix: '/a b/c/' }, '/a%20b/c/d%20e', '/a%20b/d')).to.deep.equal([
      '/d%20e',
      '/a%20b/d',
    ])
  })

  it('get a prefix', async () => {
    expect(await pathsBy({ addPrefix: '/v2/' }, '/', '/x')).to.deep.equal(['/v2/', '/v2/x'])
    expect(await pathsBy({ stripPrefix: '/v1', addPrefix: '/v2' }, '/v1/x', '/y')).to.deep.equal(['/v2/x', '/v2/y'])
  })

  it('are rewritten by patterns, the most specific first', async () => {
    const rewrite = {
      '/old/*rest': '/new/*rest',
      '/old/special': '/one',
      '/user/:id/posts/{post}.html': '/p/{post}-of-{id}',
      '/mid/*a/end': '/end/*a/mid',
    }
    const paths = [
      '/old',
      '/old/',
      '/old/a%20b//c/?q=1',
      '/%6fld/%78',
      '/old/special',
      '/oldest',
      '/user/7%38/posts/x%20y.html?z',
      '/mid/a//%62/end',
      '/mid/end',
    ]
    expect(await pathsBy({ rewrite }, ...paths)).to.deep.equal([
      '/new',
      '/new/',
      '/new/a%20b//c/?q=1',
      '/new/%78',
      '/one',
      '/oldest',
      '/p/x%20y-of-7%38?z',
      '/end/a//%62/mid',
      '/end/mid',
    ])
    expect(await pathsBy({ stripPrefix: '/api', rewrite, addPrefix: '/v1' }, '/api/old/x')).to.deep.equal(['/v1/new/x'])
  })

  it('that leave their folder, decoded once more or with ";…" cut off, are 400', async () => {
    const paths = [
      '/a/..%2fb',
      '/a/..%2Fb',
      '/..;/b',
      '/a/..;x=1/b',
      '/%2e%2e;/b',
      '/..%3b/b',
      '/%252e%252e/b',
      '/.%252e/b',
      '/%252e%252e%252fb',
      '/x%2f..',
      '/x%2f..%2f..%2fy',
      '/..%253bx/y',
      '/..%255cx',
      '/x%252f..%252fy',
      '/..%3fx',
      '/..%2500',
      '/../x',
      '/%2e%2e/x',
      '/a/%2E%2E',
      '/\\..\\x',
      '/%c0%ae%c0%ae/x',
    ]
    expect(await pathsBy({ stripPrefix: '/a', addPrefix: '/inner' }, ...paths)).to.deep.equal(paths.map(() => 400))
  })

  it('that a rewrite would lead out of their folder are 400', async () => {
    expect(
      await pathsBy({ rewrite: { '/f{a}/*rest': '/{a}/*rest', '/g{a}': '/{a}.' } }, '/f../y', '/fa/y', '/g.', '/gx'),
    ).to.deep.equal([400, '/a/y', 400, '/x.'])
  })

  it('never lead a node out of its folder, by any spelling', async () => {
    const node = await openNode()
    const front = await openFront({ nodes: [`${node.url}/base`] })
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2E',
      '%252e',
      '/',
      '%2f',
      '%252f',
      '%5c',
      '\\',
      ';',
      '%3b',
      '%253b',
      'a',
      '%00',
      '?',
      '//',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
        const before = node.asked.length
        const status = statusOf(await front.exchange(`GET /${parts.join('')} HTTP/1.1`))
        expect(status).to.be.oneOf([200, 400])
        if (status === 400) return void expect(node.asked).to.have.length(before)
        const url = node.asked.at(-1)?.url as string
        expect(url.startsWith('/base/')).to.equal(true)
        for (const reading of readings(url.split('?')[0] as string))
          expect(new URL(reading, 'http://x').pathname.startsWith('/base'), reading).to.equal(true)
        return undefined
      }),
      { numRuns: 150 },
    )
  })

  /** How servers read a path: as it is, decoded, decoded twice, with parameters of segments cut off. */
  function readings(path: string): string[] {
    const decode = (text: string) =>
      text.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    const cut = (text: string) => text.replace(/;[^/]*/g, '')
    return [path, decode(path), decode(decode(path))]
      .flatMap((text) => [text, cut(text)])
      .map((text) => encodeURI(text).replace(/[?#]/g, '_'))
  }
})

describe('forward: options', () => {
  const wrong: [options: unknown, message: RegExp][] = [
    ['ftp://x', /option "nodes\[0\]" must be a URL/],
    [{}, /option "nodes" is required/],
    [{ nodes: [] }, /option "nodes" must be an array with one node at least/],
    [{ nodes: ['http://a', { addr: 'http://b', weight: 0 }] }, /option "nodes\[1\]\.weight" must be an integer from 1/],
    [
      { nodes: [{ addr: 'http://b', wieght: 1 }] },
      /unknown option "nodes\[0\]\.wieght", did you mean "nodes\[0\]\.weight"/,
    ],
    [{ nodes: [{ weight: 1 }] }, /option "nodes\[0\]\.addr" is required/],
    [{ nodes: [{ addr: 'http://user:secret@b' }] }, /option "nodes\[0\]\.addr" must be/],
    [{ nodes: ['http://user:secret@b'] }, /option "nodes\[0\]" must be/],
    [{ nodes: ['http://a/?x'] }, /option "nodes\[0\]" must be/],
    [{ nodes: ['unix:relative'] }, /option "nodes\[0\]" must be/],
    [{ nodes: [{ addr: 'http://b', tls: {} }] }, /option "nodes\[0\]\.tls" needs an address of https:/],
    [
      { nodes: [{ addr: 'unix:/x', interface: 'eth0' }] },
      /option "nodes\[0\]\.interface" can't be used for a Unix socket/,
    ],
    [{ nodes: ['unix:/x'], interface: 'eth0' }, /option "interface" can't be used with nodes\[0\]/],
    [{ nodes: ['http://a'], interface: '' }, /option "interface" must be/],
    [{ nodes: ['http://a'], chain: 7 }, /option "chain" must be a chain, or the name of one/],
    [{ nodes: ['http://a'], chain: 'c', interface: 'eth0' }, /option "chain" leaves no choice/],
    [
      { nodes: ['http://a'], selector: { strategy: 'random' } },
      /option "selector\.strategy" must be one of round, rand, fifo, hash, least, got "random"/,
    ],
    [{ nodes: ['http://a'], selector: { key: 'cookie' } }, /option "selector\.key" must be/],
    [{ nodes: ['http://a'], selector: { maxFails: -1 } }, /option "selector\.maxFails" must be/],
    [{ nodes: ['http://a'], probe: { path: 'x' } }, /option "probe\.path" must be/],
    [{ nodes: ['http://a'], probe: { status: ['6xx'] } }, /option "probe\.status" must be/],
    [{ nodes: ['http://a'], failStatus: 'bad' }, /option "failStatus" must be/],
    [{ nodes: ['http://a'], retry: { on: ['sometimes'] } }, /option "retry\.on" must be/],
    [{ nodes: ['http://a'], retry: { methods: ['FETCH'] } }, /option "retry\.methods" must be/],
    [{ nodes: ['http://a'], headTimeout: 'soon' }, /option "headTimeout" must be a time/],
    [{ nodes: ['http://a'], maxBodySize: -1 }, /option "maxBodySize" must be/],
    [{ nodes: ['http://a'], stripPrefix: 'api' }, /option "stripPrefix" must be/],
    [{ nodes: ['http://a'], addPrefix: '/a/../b' }, /option "addPrefix" must be/],
    [
      { nodes: ['http://a'], rewrite: { '/a/:x': '/b/:y' } },
      /option "rewrite": pattern "\/a\/:x" has no parameter "y"/,
    ],
    [{ nodes: ['http://a'], rewrite: { a: '/b' } }, /option "rewrite": pattern "a" .*must begin with "\/"/],
    [{ nodes: ['http://a'], host: 'a b' }, /option "host" must be/],
    [{ nodes: ['http://a'], headers: { requests: {} } }, /unknown option "headers\.requests"/],
    [
      { nodes: ['http://a'], headers: { request: { Host: 'x' } } },
      /option "headers\.request" can't set "Host": use the option "host"/,
    ],
    [
      { nodes: ['http://a'], headers: { response: { Connection: 'x' } } },
      /option "headers\.response" can't set "Connection"/,
    ],
    [
      { nodes: ['http://a'], headers: { request: { 'X-A': 'a\nb' } } },
      /option "headers\.request" must have names and values/,
    ],
    [{ nodes: ['http://a'], strategy: 'fifo' }, /unknown option "strategy"/],
  ]

  for (const [options, message] of wrong)
    it(`refuses ${JSON.stringify(options)}`, () => {
      const error = thrownBy(() => forward(options as ForwardOptions))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message)
        .to.match(message)
        .and.to.match(/^forward: |^option|^unknown|^Option/)
      expect(error.message).to.not.include('secret')
    })

  it('takes a URL, a text of one, and options', () => {
    const all: ForwardOptions = {
      nodes: [
        new URL('http://a/x/'),
        'https://b',
        {
          name: 'c',
          addr: 'https://[::1]:8443',
          weight: 2,
          backup: true,
          interface: 'lo,eth0!',
          maxFails: 3,
          failTimeout: '1m',
          host: 'node',
          tls: { serverName: 'c', ca: 'x', rejectUnauthorized: false },
        },
      ],
      selector: { strategy: 'hash', key: (request) => request.path },
      probe: { status: [200, '3xx'], rise: 2, fall: 3 },
      failStatus: 503,
      retry: { attempts: 2, on: ['connect', 'reset', 'timeout', 503, '5xx'], methods: ['get', 'POST'], buffer: 1000 },
      connectTimeout: '1s',
      headTimeout: '2m',
      idleTimeout: 500,
      maxBodySize: 10,
      stripPrefix: '/',
      addPrefix: '/',
      host: 'x.test:1',
    }
    expect(
      forward(all)
        .nodes()
        .map(({ name, addr, egress }) => `${name} ${addr} ${egress}`),
    ).to.deep.equal([
      'http://a/x http://a/x undefined',
      'https://b https://b undefined',
      'c https://[::1]:8443 lo,eth0!',
    ])
    expect(forward(new URL('http://a')).nodes()).to.have.length(1)
    expect(forward('unix:/run/x.sock').nodes()[0]?.addr).to.equal('unix:/run/x.sock')
  })
})
