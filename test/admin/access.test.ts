import { expect } from 'chai'
import { once } from 'node:events'
import { connect } from 'node:net'
import { type AdminWorld, type Answered, createFolder, startAdmin, token } from './admin-world.ts'

const json = { 'content-type': 'application/json' }

/** An error as the administration answers it. */
function expectError({ status, json: body, headers }: Answered, expected: number, code: string): void {
  expect([status, body?.code]).to.deep.equal([expected, code])
  expect(body.message).to.be.a('string').that.is.not.empty
  expect(headers['cache-control']).to.equal('no-store')
  expect(headers['x-content-type-options']).to.equal('nosniff')
  expect(headers).to.not.have.any.keys('access-control-allow-origin', 'set-cookie')
}

describe('the administration', () => {
  let world: AdminWorld
  let port: number
  before(async () => {
    world = await startAdmin((server) => server.get('/hello', () => 'hello'))
    port = (world.place as { port: number }).port
  })
  after(() => world.stop())

  it('listens at an address of its own, which the log tells', async () => {
    expect(world.server.addresses).to.have.length(1)
    expect(world.server.addresses).to.not.include(`127.0.0.1:${port}`)
    const line = world.log.find(({ message }) => message.startsWith('Administration'))
    expect(line).to.deep.include({ level: 'info', message: `Administration is listening on http://127.0.0.1:${port}/` })
    expect(world.server.routes().map(({ route }) => route)).to.deep.equal(['/hello'])
  })

  it('serves nothing of the server, and the server nothing of it', async () => {
    expectError(await world.ask('/hello'), 404, 'ERR_TRIBIND_ADMIN_UNKNOWN')
    expect((await world.server.inject('/api/overview')).status).to.equal(404)
  })

  describe('asks for the token', () => {
    for (const [what, asked, path] of [
      ['without one', { token: null }, '/api/overview'],
      ['with another one', { token: `${token}x` }, '/api/overview'],
      ['with the beginning of it', { token: token.slice(0, -1) }, '/api/overview'],
      ['for a path that does not exist', { token: null }, '/none'],
      ['for the metrics', { token: null }, '/metrics'],
      ['for a path that looks like an open one', { token: null }, '/health/live/../../api/overview'],
      ['in a cookie', { token: null, headers: { cookie: `token=${token}` } }, '/api/overview'],
      ['in the query', { token: null }, `/api/overview?token=${token}&access_token=${token}`],
      [
        'by another scheme',
        { token: null, headers: { authorization: `Basic ${btoa(`admin:${token}`)}` } },
        '/api/overview',
      ],
      [
        'before it looks at the type',
        { token: null, method: 'POST', headers: { 'content-type': 'text/plain' } },
        '/api/resume',
      ],
    ] as const)
      it(what, async () => {
        const answered = await world.ask(path, asked)
        if (answered.status === 400) return
        expectError(answered, 401, 'ERR_TRIBIND_ADMIN_TOKEN')
        expect(answered.headers['www-authenticate']).to.match(/^Bearer/)
        expect(answered.text).to.not.include(token)
      })

    it('takes the scheme in any case', async () => {
      const headers = { authorization: `bEARER ${token}` }
      expect((await world.ask('/api/version', { token: null, headers })).status).to.equal(200)
    })

    it('answers guesses late, ends their connections, and tells of them without the guess', async () => {
      const before = performance.now()
      const { headers } = await world.ask('/api/version', { token: 'a-guess-of-sixteen' })
      expect(performance.now() - before).to.be.greaterThan(200)
      expect(headers.connection).to.equal('close')
      const lines = world.log.filter(({ level }) => level === 'warn')
      expect(lines).to.not.be.empty
      expect(JSON.stringify(lines)).to.not.include('a-guess')
    })

    it('lets the right token pass while guesses wait', async () => {
      const answered: number[] = []
      const ask = async (guess: string) =>
        void answered.push((await world.ask('/api/version', { token: guess })).status)
      const guesses = Array.from({ length: 20 }, () => ask('a-guess-of-sixteen'))
      await Promise.all([...guesses, ask(token)])
      expect(answered).to.deep.equal([200, ...guesses.map(() => 401)])
    })

    it('but not for health and the page', async () => {
      for (const path of ['/health/live', '/health/ready', '/'])
        expect([path, (await world.ask(path, { token: null })).status]).to.deep.equal([path, 200])
    })
  })

  describe('refuses', () => {
    for (const host of [
      'evil.example',
      'evil.example:PORT',
      'localhost:1',
      '127.0.0.1.evil.example:PORT',
      '10.0.0.1:PORT',
      'localhost.:PORT',
      '',
    ])
      it(`the Host "${host}"`, async () => {
        for (const path of ['/api/overview', '/health/live', '/', '/none'])
          expectError(
            await world.ask(path, { headers: { host: host.replace('PORT', String(port)) } }),
            403,
            'ERR_TRIBIND_ADMIN_HOST',
          )
      })

    for (const [what, head, status] of [
      ['two Host fields', 'GET /api/version HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil.example', 400],
      ['no Host', 'GET /api/version HTTP/1.1\r\nA: b', 400],
      ['a target with another host', 'GET http://evil.example/api/version HTTP/1.1\r\nHost: 127.0.0.1:PORT', 403],
      ['an old version without Host', 'GET /api/version HTTP/1.0', 403],
      ['CONNECT', 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:PORT', 403],
      ['a fragment', 'GET /api/version#x HTTP/1.1\r\nHost: 127.0.0.1:PORT', 400],
      [
        'a request in a request',
        'GET /none HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 1\r\nTransfer-Encoding: chunked',
        400,
      ],
      ['too large a head', `GET /api/version HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nA: ${'a'.repeat(20_000)}`, 431],
      [
        'an upgrade',
        'GET /api/events HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket',
        403,
      ],
    ] as const)
      it(what, async () => {
        const socket = connect(port, '127.0.0.1')
        socket.on('error', () => {})
        socket.write(`${head.replaceAll('PORT', String(port))}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
        const [chunk] = (await once(socket, 'data')) as [Buffer]
        socket.destroy()
        expect(chunk.toString())
          .to.match(new RegExp(`^HTTP/1\\.1 ${status} `))
          .and.not.include('"version"')
      })

    it('a list of Hosts', async () => {
      expect(
        (await world.ask('/api/overview', { headers: { host: `127.0.0.1:${port}, evil.example` } })).status,
      ).to.equal(400)
    })

    for (const origin of [
      'https://evil.example',
      'http://localhost:3000',
      'http://127.0.0.1',
      'https://127.0.0.1:PORT',
      'null',
      'http://localhost:PORT',
      '',
    ])
      it(`the Origin "${origin}"`, async () => {
        const headers = { origin: origin.replace('PORT', String(port)) }
        for (const [method, path] of [
          ['GET', '/api/overview'],
          ['POST', '/api/resume'],
          ['OPTIONS', '/api/overview'],
        ] as const)
          expectError(await world.ask(path, { method, headers }), 403, 'ERR_TRIBIND_ADMIN_ORIGIN')
      })

    for (const site of ['cross-site', 'same-site', 'other'])
      it(`what a browser sends for a page that is ${site}`, async () => {
        const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
        expectError(await world.ask('/api/overview', { headers }), 403, 'ERR_TRIBIND_ADMIN_ORIGIN')
        expectError(await world.ask('/', { headers }), 403, 'ERR_TRIBIND_ADMIN_ORIGIN')
        const link = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
        expectError(await world.ask('/api/overview', { headers: link }), 403, 'ERR_TRIBIND_ADMIN_ORIGIN')
        const frame = { ...link, 'sec-fetch-dest': 'iframe' }
        expectError(await world.ask('/', { headers: frame }), 403, 'ERR_TRIBIND_ADMIN_ORIGIN')
        expect((await world.ask('/', { headers: link })).status).to.equal(200)
      })

    for (const type of [
      undefined,
      '',
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain; application/json',
      'application/jsonp',
      'application/merge-patch+json',
      'text/json',
    ])
      for (const method of ['POST', 'PUT', 'DELETE'])
        it(`${method} with the type ${type}`, async () => {
          const answered = await world.ask('/config/services/web', {
            method,
            headers: { 'content-type': type ?? 'a/b' },
            body: '{}',
          })
          expectError(answered, 415, 'ERR_TRIBIND_ADMIN_TYPE')
        })

    it('broken JSON, and JSON that reaches for a prototype', async () => {
      for (const body of ['{"version":', '{"__proto__":{"a":1}}', '{"constructor":{"prototype":{"a":1}}}', '\u0000'])
        expectError(await world.send('POST', '/api/rollback', body), 400, 'ERR_TRIBIND_BODY_JSON')
    })

    it('a body that is too large', async () => {
      const body = JSON.stringify({ path: 'x'.repeat(9 * 2 ** 20) })
      const answered = await world.send('POST', '/api/match', body).catch((error: NodeJS.ErrnoException) => error)
      if ('status' in answered) expectError(answered, 413, 'ERR_TRIBIND_BODY_TOO_LARGE')
      else expect(answered.code).to.be.oneOf(['EPIPE', 'ECONNRESET'])
    })

    it('a compressed body', async () => {
      expect((await world.send('POST', '/api/match', 'x', { 'content-encoding': 'gzip' })).status).to.equal(415)
    })

    it('another method for a path', async () => {
      const answered = await world.send('DELETE', '/api/overview')
      expectError(answered, 405, 'ERR_TRIBIND_HTTP')
      expect(answered.headers.allow).to.include('GET')
    })
  })

  it('accepts its own names as Host, and its own page as Origin', async () => {
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])
      for (const host of [name, `${name}:${port}`])
        expect((await world.ask('/api/version', { headers: { host } })).status).to.equal(200)
    const headers = { host: `localhost:${port}`, origin: `http://localhost:${port}`, 'sec-fetch-site': 'same-origin' }
    expect((await world.ask('/api/version', { headers })).status).to.equal(200)
  })

  it('changes nothing by a GET, with or without a body', async () => {
    const version = world.server.version
    const entryPoints = world.server.entryPoints().length
    for (const path of [
      '/api/rollback',
      '/api/resume',
      '/api/reload',
      '/api/match',
      '/config/services',
      '/config/routing',
    ])
      await world.ask(path, {
        body: { name: 'x', addr: '127.0.0.1:0', version: 1 },
        headers: { ...json, 'x-http-method-override': 'POST' },
      })
    expect([world.server.version, world.server.entryPoints().length]).to.deep.equal([version, entryPoints])
  })

  it('answers HEAD as GET, without a body', async () => {
    const { status, text } = await world.ask('/api/overview', { method: 'HEAD' })
    expect([status, text]).to.deep.equal([200, ''])
  })
})

describe('the administration on a Unix socket', () => {
  const folder = createFolder()
  after(() => folder.remove())

  it('needs no token, and takes any Host', async () => {
    const world = await startAdmin(undefined, { admin: { address: `unix:${folder.path}`, token: undefined as never } })
    try {
      expect((await world.ask('/api/version', { token: null, headers: { host: 'anything.example' } })).status).to.equal(
        200,
      )
      expectError(
        await world.ask('/api/version', { token: null, headers: { origin: 'https://evil.example' } }),
        403,
        'ERR_TRIBIND_ADMIN_ORIGIN',
      )
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      expectError(
        await world.ask('/api/resume', { method: 'POST', token: null, headers: form }),
        415,
        'ERR_TRIBIND_ADMIN_TYPE',
      )
    } finally {
      await world.stop()
    }
  })

  it('checks the token where there is one', async () => {
    const world = await startAdmin(undefined, { admin: { address: `unix:${folder.path}` } })
    try {
      expectError(await world.ask('/api/version', { token: null }), 401, 'ERR_TRIBIND_ADMIN_TOKEN')
      expect((await world.ask('/api/version')).status).to.equal(200)
    } finally {
      await world.stop()
    }
  })
})
