import { expect } from 'chai'
import { issuesOf, read, readUrls, said, write } from './read.ts'

const messagesOf = async (listen: string[], forward: string[] = []) =>
  (await issuesOf({ listen, forward })).map(({ source, path, message }) =>
    [source, path, message].filter((part) => part !== '').join(' | '),
  )

describe('-L', () => {
  it('is a service of the type that its scheme says', async () => {
    const tls = `certFile=${new URL('../../tls/cert.pem', import.meta.url).pathname}&keyFile=${new URL('../../tls/key.pem', import.meta.url).pathname}`
    const app = write('app.mjs', 'export function register() {}')
    const { services } = await readUrls([
      'http://127.0.0.1:1',
      'socks5://127.0.0.1:2',
      'auto://127.0.0.1:3',
      '127.0.0.1:4',
      'tcp://127.0.0.1:5/a:80,b:80?strategy=fifo',
      'forward://127.0.0.1:6/a:80,https://b/x,unix:/c?failStatus=503&failStatus=5xx&headTimeout=2s',
      `app://127.0.0.1:7?module=${app}`,
      `https://127.0.0.1:8?${tls}`,
      `socks5+tls://127.0.0.1:9?${tls}`,
      'HTTP://[::1]:10/',
      'unix:/tmp/a.sock',
      'http://unix:/tmp/b.sock?enableStats=true',
      'http://127.0.0.1:11,127.0.0.1:12',
    ])
    expect(services.map(({ addr, handler, listener }) => `${handler.type} ${listener.type} ${addr}`)).to.deep.equal([
      'http tcp 127.0.0.1:1',
      'socks5 tcp 127.0.0.1:2',
      'auto tcp 127.0.0.1:3',
      'auto tcp 127.0.0.1:4',
      'tcp tcp 127.0.0.1:5',
      'forward tcp 127.0.0.1:6',
      'app tcp 127.0.0.1:7',
      'http tls 127.0.0.1:8',
      'socks5 tls 127.0.0.1:9',
      'http tcp [::1]:10',
      'auto tcp unix:/tmp/a.sock',
      'http tcp unix:/tmp/b.sock',
      'http tcp 127.0.0.1:11,127.0.0.1:12',
    ])
    expect(services[4]?.forwarder).to.deep.include({
      selector: { strategy: 'fifo', maxFails: 1, failTimeout: 10_000, key: 'ip' },
    })
    expect(services[4]?.forwarder?.nodes.map(({ addr }) => addr)).to.deep.equal(['a:80', 'b:80'])
    expect(services[5]?.forwarder?.nodes.map(({ addr }) => addr)).to.deep.equal([
      'http://a:80',
      'https://b/x',
      'unix:/c',
    ])
    expect(services[5]?.forwarder).to.deep.include({ failStatus: ['503', '5xx'], headTimeout: 2000 })
    expect(services[6]?.handler.metadata.module).to.equal(app)
    expect(services[11]?.metadata.enableStats).to.equal(true)
  })

  it('has a user and a password, percent-encoded', async () => {
    const { services } = await readUrls(['http://u:p@127.0.0.1:0', 'socks5://a%40b:c%3A%2F@127.0.0.1:0'])
    expect(services.map(({ handler }) => handler.auth)).to.deep.equal([
      { username: 'u', password: 'p' },
      { username: 'a@b', password: 'c:/' },
    ])
    expect(services[0]?.origin.source).to.equal('-L http://u:***@127.0.0.1:0')
    expect(await messagesOf(['x@127.0.0.1:0'])).to.match(/handler\.auth\.password \| must be a text of 1 to 255 bytes/)
  })

  it('may name its observer by a URL', async () => {
    const { services, observers } = await readUrls([
      'http://127.0.0.1:0?observer=http://127.0.0.1:9/x&observer.period=9s',
    ])
    expect(services[0]).to.deep.include({ observer: 'observer-0' })
    expect(observers.map(({ name, plugin }) => [name, plugin.addr])).to.deep.equal([
      ['observer-0', 'http://127.0.0.1:9/x'],
    ])
  })

  it('is refused with flag, URL, parameter and nearest name, without its password', async () => {
    expect(
      await messagesOf([
        'http+ws://:80',
        'ss://a:b@:90',
        'htpp://:1',
        'http://u:secret@127.0.0.1:80?enabelStats=1&name=a&name=b',
        'tcp://:80',
        'https://127.0.0.1:443',
        'app://127.0.0.1:9',
        'http://127.0.0.1:81?strategy=fifo',
        'tcp://127.0.0.1:82/a:1?strategy=fif',
        'http://127.0.0.1:83?enableStats=perhaps',
        'http://a%zz@:84',
        'http://:85/path',
        'http://:86#x',
        '?x=1',
        'http://:99999',
      ]),
    ).to.deep.equal([
      '-L http+ws://:80 | has "+ws", which GOST has and tribind does not. Known is +tls alone, as in http+tls://',
      '-L ss://a:***@:90 | has the scheme "ss", which GOST has and tribind does not. Known are https, app, http, socks5, auto, tcp, forward',
      '-L htpp://:1 | has the scheme "htpp", which is not known, did you mean "http"? Known are https, app, http, socks5, auto, tcp, forward',
      '-L http://u:***@127.0.0.1:80?enabelStats=1&name=a&name=b | enabelStats | is not a known parameter, did you mean "enableStats"?',
      '-L http://u:***@127.0.0.1:80?enabelStats=1&name=a&name=b | name | stands there twice',
      '-L tcp://:80 | must say where to: tcp://:8080/10.0.0.7:80,10.0.0.8:80',
      '-L http://a%zz@:84 | has a "%" before its "@" that begins no escape such as %40: write a plain % as %25',
      '-L http://:85/path | has the path "/path", but only tcp and forward have one',
      '-L http://:86#x | has "#", which has no meaning here',
      `-L ?x=1 | must have an address to listen at, such as auto://:8080`,
      '-L ?x=1 | x | is not a known parameter; known are name, chain, module, certFile, keyFile, strategy, maxFails, failTimeout, key, failStatus, connectTimeout, headTimeout, idleTimeout, maxBodySize, stripPrefix, addPrefix, host, observer, enableStats, observer.period, observer.resetTraffic, interface, preUp, postUp, preDown, postDown, open, ignoreChain',
      '-L https://127.0.0.1:443 | certFile | is required for the type "tls" of the listener: the path of a file in PEM',
      '-L https://127.0.0.1:443 | keyFile | is required for the type "tls" of the listener: the path of a file in PEM',
      '-L app://127.0.0.1:9 | module | is required for the type "app" of the handler: the path of a module',
      '-L http://127.0.0.1:81?strategy=fifo | strategy | has no effect: the type of the handler is "http", and only tcp and forward take it',
      '-L tcp://127.0.0.1:82/a:1?strategy=fif | strategy | must be one of round, rand, fifo, hash, least, got "fif"',
      '-L http://127.0.0.1:83?enableStats=perhaps | enableStats | must be true or false, got "perhaps"',
      '-L http://:99999 | addr | must be host:port, [IPv6]:port, :port for every interface, or unix:/path, got ":99999"',
    ])
  })
})

describe('-F', () => {
  it('is a hop, in order, of one chain for all services that have none and may have one', async () => {
    const file = write('own.json', {
      services: [
        { name: 'own', addr: '127.0.0.1:0', handler: { type: 'http', chain: 'chain-0' } },
        { name: 'none', addr: '127.0.0.1:0', handler: { type: 'auto' } },
      ],
      chains: [{ name: 'chain-0', hops: [{ nodes: [{ addr: 'a:1' }] }] }],
    })
    const app = write('app.mjs', 'export function register() {}')
    const { model } = await read({
      files: [file],
      listen: [
        'http://127.0.0.1:0',
        'http://127.0.0.1:0?ignoreChain=true',
        'tcp://127.0.0.1:0/a:1',
        `app://127.0.0.1:0?module=${app}`,
      ],
      forward: [
        'http://u:p@10.0.0.9:8000,10.0.0.8:8000?interface=192.168.0.1&strategy=rand&weight=3',
        'socks5+tls://b:1?serverName=c',
        'virtual://',
        ':1',
      ],
    })
    expect(model.services.map(({ handler }) => handler.chain)).to.deep.equal([
      'chain-0',
      'chain-1',
      'chain-1',
      undefined,
      'chain-1',
      undefined,
    ])
    const { hops } = model.chains.find(({ name }) => name === 'chain-1') ?? { hops: [] }
    const selector = { strategy: 'round', maxFails: 1, failTimeout: 10_000, key: 'ip' }
    const dialer = { type: 'tcp', rejectUnauthorized: true }
    const node = { name: 'node-0', weight: 1, backup: false, dialer }
    const http = { type: 'http', auth: { username: 'u', password: 'p' } }
    expect(JSON.parse(JSON.stringify(hops))).to.deep.equal([
      {
        name: 'hop-0',
        interface: '192.168.0.1',
        selector: { ...selector, strategy: 'rand' },
        nodes: [
          { ...node, addr: '10.0.0.9:8000', weight: 3, connector: http },
          { ...node, name: 'node-1', addr: '10.0.0.8:8000', weight: 3, connector: http },
        ],
      },
      {
        name: 'hop-1',
        selector,
        nodes: [
          { ...node, addr: 'b:1', connector: { type: 'socks5' }, dialer: { ...dialer, type: 'tls', serverName: 'c' } },
        ],
      },
      {
        name: 'hop-2',
        selector,
        nodes: [{ ...node, connector: { type: 'virtual' }, dialer: { ...dialer, type: 'virtual' } }],
      },
      { name: 'hop-3', selector, nodes: [{ ...node, addr: ':1', connector: { type: 'http' } }] },
    ])
  })

  it('is never left out where one of them is wrong, and each mistake is told', async () => {
    expect(
      await messagesOf(
        ['http://127.0.0.1:0'],
        ['http+quic://a:1', 'http://a/x', 'http://', 'http://a:1?retires=1', 'virtual+tls://'],
      ),
    ).to.deep.equal([
      '-F http+quic://a:1 | has "+quic", which GOST has and tribind does not. Known is +tls alone, as in http+tls://',
      '-F http://a/x | has the path "/x", but a hop has none',
      '-F http:// | must have an address, such as http://10.0.0.9:8000',
      '-F http://a:1?retires=1 | retires | is not a known parameter, did you mean "retries"?',
      '-F virtual+tls:// | has "+tls", but a virtual hop connects to no proxy',
    ])
    expect(await messagesOf(['http://127.0.0.1:0'], ['http://a', 'https://b:1?ca=/none.pem'])).to.deep.equal([
      "-F https://b:1?ca=/none.pem | ca | can't be read: ENOENT: no such file or directory, open '/none.pem'",
      '-F http://a | nodes.0.addr | must be host:port, [IPv6]:port or :port, got "a"',
    ])
    expect(await messagesOf(['http://127.0.0.1:0'], ['http://a:1?ca=/none.pem'])).to.deep.equal([
      '-F http://a:1?ca=/none.pem | ca | has no effect: the dialer "tcp" has no TLS',
    ])
    expect(await messagesOf(['http://127.0.0.1:0?interface=eth0'], ['http://a:1'])).to.deep.equal([
      '-L http://127.0.0.1:0?interface=eth0 | interface | can\'t be used with the chain "chain-0", whose first hop decides: write "interface" there, or ignoreChain: true here to go without a chain',
    ])
  })

  it('is told to have no effect where no service goes through it', async () => {
    const { warnings } = await read({ listen: ['http://127.0.0.1:0?ignoreChain=true'], forward: ['http://a:1'] })
    expect(warnings).to.deep.equal(['-F http://a:1: has no effect: no service goes through it'])
  })

  it('takes the certificates that it trusts from a file', async () => {
    const ca = new URL('../../tls/cert.pem', import.meta.url).pathname
    const model = said(await readUrls(['http://127.0.0.1:0'], [`https://a:1?ca=${ca}`]))
    expect(JSON.stringify(model)).to.contain('"ca":"-----BEGIN CERTIFICATE-----')
  })
})
