import http from 'node:http'
import { expect } from 'chai'
import { ConfigError, Server } from 'tribind'
import { bothWays, type Options, overHttp1, rawExchange, thrownBy } from './both-ways.ts'

const forwarded = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-host': 'Shop.Example:8443',
  'x-forwarded-proto': 'https',
}

function tell(server: Server) {
  server.get('/who', ({ ip, host, protocol }) => ({ ip, host, protocol }))
  server.domain('shop.example').get('/where', () => 'shop')
  server.get('/where', () => 'anywhere')
  server.get('/cookie', ({ cookie }) => cookie.set('a', 'b'))
  server.get('/back', ({ response }) => response.redirectBack())
}

describe('trustProxy', () => {
  for (const trustProxy of [
    undefined,
    false,
    0,
    ['10.0.0.0/8'],
    '192.0.2.1, ::2',
    'linklocal',
  ] as Options['trustProxy'][]) {
    bothWays(
      `forwarded fields don't count under ${JSON.stringify(trustProxy)}`,
      tell,
      async (send, _world, { isSecure }) => {
        const protocol = isSecure ? 'https' : 'http'
        const answer = await send({ url: '/who', headers: forwarded })
        expect(answer.json()).to.deep.equal({ ip: '127.0.0.1', host: '127.0.0.1', protocol })
        expect((await send({ url: '/where', headers: forwarded })).text).to.equal('anywhere')
        const cookie = (await send({ url: '/cookie', headers: forwarded })).header('set-cookie')
        expect(/secure/i.test(cookie ?? '')).to.equal(isSecure)
        const bad = { 'x-forwarded-host': 'a b', 'x-forwarded-proto': 'gopher' }
        expect((await send({ url: '/who', headers: bad })).status).to.equal(200)
      },
      trustProxy === undefined ? {} : { trustProxy },
    )
  }

  for (const trustProxy of [
    true,
    1,
    '127.0.0.1',
    ['127.0.0.0/8'],
    'loopback',
    '::ffff:127.0.0.1',
    '::ffff:127.0.0.0/104',
    '10.0.0.1,loopback',
  ] as const) {
    bothWays(
      `all three count under ${JSON.stringify(trustProxy)}`,
      tell,
      async (send, _world, { isSecure }) => {
        const answer = await send({ url: '/who', headers: forwarded })
        expect(answer.json()).to.deep.equal({ ip: '203.0.113.7', host: 'shop.example', protocol: 'https' })
        expect((await send({ url: '/where', headers: forwarded })).text).to.equal('shop')
        expect((await send('/where')).text).to.equal('anywhere')
        expect((await send({ url: '/cookie', headers: forwarded })).header('set-cookie')).to.match(/secure/i)
        const own = { ip: '127.0.0.1', host: '127.0.0.1', protocol: isSecure ? 'https' : 'http' }
        expect((await send('/who')).json()).to.deep.equal(own)
        for (const [referer, location] of [
          ['https://shop.example:8443/list', 'https://shop.example:8443/list'],
          ['https://127.0.0.1/list', '/'],
          ['https://evil.example/', '/'],
        ]) {
          const back = await send({ url: '/back', headers: { ...forwarded, referer: referer as string } })
          expect(back.header('location'), referer).to.equal(location)
        }
      },
      { trustProxy },
    )
  }

  function ipIs(trustProxy: Options['trustProxy'], cases: readonly (readonly [field: string, ip: string])[]) {
    bothWays(
      `the address under ${JSON.stringify(trustProxy)}`,
      tell,
      async (send) => {
        for (const [field, ip] of cases) {
          const answer = await send({ url: '/who', headers: { 'x-forwarded-for': field } })
          expect((answer.json() as { ip: string }).ip, field).to.equal(ip)
        }
      },
      { trustProxy: trustProxy as NonNullable<typeof trustProxy> },
    )
  }

  ipIs(true, [
    ['1.1.1.1, 2.2.2.2', '1.1.1.1'],
    ['nonsense, 2.2.2.2', '2.2.2.2'],
    ['unknown', '127.0.0.1'],
    ['1.1.1.1:5678', '1.1.1.1'],
    ['[2001:DB8::1]:5678', '2001:db8::1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['::ffff:7f00:1', '127.0.0.1'],
    ['::FFFF:1.2.3.4', '1.2.3.4'],
    ['1.2.3.4.5', '127.0.0.1'],
    ['01.2.3.4', '127.0.0.1'],
    ['1.1.1.1, , 2.2.2.2', '2.2.2.2'],
    ['fe80::1%eth0', '127.0.0.1'],
    [' ', '127.0.0.1'],
    ["1.1.1.1'; DROP", '127.0.0.1'],
  ])
  ipIs(1, [
    ['1.1.1.1, 2.2.2.2', '2.2.2.2'],
    ['1.1.1.1', '1.1.1.1'],
  ])
  ipIs(2, [
    ['1.1.1.1, 2.2.2.2, 3.3.3.3', '2.2.2.2'],
    ['1.1.1.1', '1.1.1.1'],
    ['1.1.1.1, nonsense, 3.3.3.3', '3.3.3.3'],
  ])
  ipIs('loopback, 10.0.0.0/8', [
    ['6.6.6.6, 1.1.1.1, 10.1.2.3', '1.1.1.1'],
    ['10.9.9.9, 10.1.2.3', '10.9.9.9'],
    ['6.6.6.6, 1.1.1.1, ::ffff:10.1.2.3', '1.1.1.1'],
    ['6.6.6.6, 11.1.2.3', '11.1.2.3'],
  ])

  bothWays(
    'of several hosts and protocols, that of the last trusted proxy counts',
    tell,
    async (send, _world, { isSecure }) => {
      for (const [addresses, hosts, protocols, host, protocol] of [
        ['1.1.1.1', 'spoofed.example, a.example', 'https, http', 'a.example', 'http'],
        ['1.1.1.1, 10.0.0.1', 'spoofed.example, a.example, inner', 'http, https, http', 'a.example', 'https'],
        ['1.1.1.1, 10.0.0.1', 'a.example', 'https', 'a.example', 'https'],
        ['1.1.1.1', '', '', '127.0.0.1', isSecure ? 'https' : 'http'],
        ['1.1.1.1', 'A.example.', 'HTTPS', 'a.example', 'https'],
        ['1.1.1.1', '[2001:db8::1]:80', 'wss', '[2001:db8::1]', 'https'],
      ] as const) {
        const headers = { 'x-forwarded-for': addresses, 'x-forwarded-host': hosts, 'x-forwarded-proto': protocols }
        const answer = (await send({ url: '/who', headers })).json() as { host: string; protocol: string }
        expect([answer.host, answer.protocol], hosts).to.deep.equal([host, protocol])
      }
    },
    { trustProxy: 'loopback,10.0.0.0/8' },
  )

  bothWays(
    'a host or protocol that can not be read is 400, and the next request is served',
    tell,
    async (send) => {
      for (const headers of [
        { 'x-forwarded-host': 'a b' },
        { 'x-forwarded-host': 'user@a.example' },
        { 'x-forwarded-host': 'a.example:99999' },
        { 'x-forwarded-host': 'a.example/path' },
        { 'x-forwarded-host': 'a.example,' },
        { 'x-forwarded-host': 'x'.repeat(300) },
        { 'x-forwarded-proto': 'gopher' },
        { 'x-forwarded-proto': 'https://' },
        { 'x-forwarded-proto': '__proto__' },
        { 'x-forwarded-proto': 'http,' },
      ] as Record<string, string>[]) {
        expect((await send({ url: '/who', headers })).status, JSON.stringify(headers)).to.equal(400)
        expect((await send('/who')).status).to.equal(200)
      }
      expect((await send({ url: '/who', host: 'a,b', headers: forwarded })).status).to.equal(400)
    },
    { trustProxy: true },
  )

  overHttp1(
    'several lines of a field are one list; two Host fields are 400 all the same',
    tell,
    async (_send, _world, { port }) => {
      const get = (fields: string) => rawExchange(port, `GET /who HTTP/1.1\r\n${fields}Connection: close\r\n\r\n`)
      const lines =
        'X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Host: s.example\r\nX-Forwarded-Host: a.example\r\n'
      expect(await get(`Host: b.example\r\n${lines}`)).to.match(/"ip":"1\.1\.1\.1","host":"a\.example"/)
      expect(await get(`Host: a.example\r\nHost: b.example\r\n${lines}`)).to.match(/^HTTP\/1\.1 400/)
    },
    { trustProxy: 1 },
  )

  it('gives IPv4 clients of an IPv6 listener their IPv4 address', async function () {
    const server = new Server({ address: '[::]:0', trustProxy: '127.0.0.1' })
    tell(server)
    try {
      await server.start()
    } catch {
      // This machine has no IPv6.
      return
    }
    try {
      const ask = (headers: Record<string, string>) =>
        new Promise<string>((resolve, reject) => {
          const outgoing = http.get({ host: '127.0.0.1', port: server.port, path: '/who', headers }, (incoming) => {
            let text = ''
            incoming.on('data', (chunk: Buffer) => (text += chunk.toString()))
            incoming.on('end', () => resolve(text))
          })
          outgoing.on('error', reject)
        })
      expect(await ask({})).to.include('"ip":"127.0.0.1"')
      expect(await ask(forwarded)).to.include('"ip":"203.0.113.7"')
    } finally {
      await server.stop()
    }
  })

  it('refuses at once what it can not read, and names it', () => {
    for (const [trustProxy, culprit] of [
      [['10.0.0.0/8', '10.0.0.0/33'], '"10.0.0.0/33"'],
      ['loopback, nowhere', '"nowhere"'],
      ['', '""'],
      ['10.0.0.0/', '"10.0.0.0/"'],
      ['10.0.0/8', '"10.0.0/8"'],
      ['::1/129', '"::1/129"'],
      ['fe80::1%eth0', '"fe80::1%eth0"'],
      ['constructor', '"constructor"'],
      [[true], '"true"'],
      [[], 'trustProxy'],
      [-1, '-1'],
      [1.5, '1.5'],
      [Number.NaN, 'NaN'],
      [{}, 'trustProxy'],
      [null, 'null'],
    ] as [Options['trustProxy'], string][]) {
      const error = thrownBy(() => new Server({ trustProxy } as Options))
      expect(error, JSON.stringify(trustProxy)).to.be.instanceOf(ConfigError)
      expect(error.message).to.include('"trustProxy"').and.to.include(culprit)
    }
  })
})
