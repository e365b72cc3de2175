import { expect } from 'chai'
import { MemorySessionStore, Server } from 'tribind'
import { createTestClient, createTestServer, type TestClient, type TestClientOptions } from 'tribind/testing'

/** A server that sets the cookies it is asked to, and shows those it gets. */
function createClient(options?: TestClientOptions): TestClient {
  const server = new Server()
  server.all('/*', (request) => {
    const lines = request.query.set
    for (const line of lines === undefined ? [] : [lines].flat()) request.response.addHeader('Set-Cookie', String(line))
    return request.header('cookie') ?? ''
  })
  return createTestClient(server, options)
}

const setting = (path: string, ...lines: string[]) =>
  `${path}?${lines.map((line) => `set=${encodeURIComponent(line)}`).join('&')}`
const host = (name: string) => ({ headers: { host: name } })

describe('the cookies of a test client', () => {
  it('are kept, changed and sent back as they came', async () => {
    const client = createClient()
    await client.get(setting('/', 'a=1', 'b=x%20y/z; HttpOnly; SameSite=Lax', 'broken=100%'))
    expect((await client.get('/')).text()).to.equal('a=1; b=x%20y/z; broken=100%')
    expect([client.cookies.get('b'), client.cookies.get('broken')]).to.deep.equal(['x y/z', '100%'])
    expect(client.cookies.find('b')).to.deep.include({ httpOnly: true, sameSite: 'lax', path: '/', expires: undefined })
    await client.get(setting('/', 'a=2'))
    expect(client.cookies.all().map(({ name, value }) => `${name}=${value}`)).to.deep.equal([
      'b=x y/z',
      'broken=100%',
      'a=2',
    ])
  })

  it('are each client’s own', async () => {
    await using server = await createTestServer((server) => {
      server.get('/', ({ cookie }) => cookie.set('a', '1'))
      server.get('/show', ({ cookie }) => cookie.all())
    })
    const [one, other] = [server.client(), server.client()]
    await one.get('/')
    expect((await one.get('/show')).json()).to.deep.equal({ a: '1' })
    expect((await other.get('/show')).json()).to.deep.equal({})
  })

  it('are sent below their path alone, longer paths first', async () => {
    const client = createClient()
    await client.get(setting('/', 'a=root; Path=/', 'a=shop; Path=/shop', 'slash=1; Path=/shop/'))
    expect((await client.get('/')).text()).to.equal('a=root')
    expect((await client.get('/shop')).text()).to.equal('a=shop; a=root')
    expect((await client.get('/shop/1')).text()).to.equal('slash=1; a=shop; a=root')
    expect((await client.get('/shopping')).text()).to.equal('a=root')
  })

  it('without a path are for the folder they were set in', async () => {
    const client = createClient()
    await client.get(setting('/shop/cart', 'a=1', 'b=1; Path=elsewhere'))
    expect((await client.get('/')).text()).to.equal('')
    expect((await client.get('/shop')).text()).to.equal('a=1; b=1')
  })

  it('are sent to their host, and with a domain to those below it', async () => {
    const client = createClient(host('shop.example.com'))
    await client.get(setting('/', 'own=1', 'wide=1; Domain=.Example.com', 'other=1; Domain=example.org'))
    expect((await client.get('/')).text()).to.equal('own=1; wide=1')
    expect((await client.get('/', host('example.com:8080'))).text()).to.equal('wide=1')
    expect((await client.get('/', host('a.shop.example.com'))).text()).to.equal('wide=1')
    expect((await client.get('/', host('badexample.com'))).text()).to.equal('')
  })

  it('go when they expire: Max-Age before Expires', async () => {
    const client = createClient()
    const past = 'Thu, 01 Jan 1970 00:00:00 GMT'
    const set = ['a=1; Max-Age=60', `b=1; Max-Age=60; Expires=${past}`, 'c=1; Max-Age=0', `d=1; Expires=${past}`]
    await client.get(setting('/', ...set))
    expect((await client.get('/')).text()).to.equal('a=1; b=1')
    const left = (client.cookies.find('a')?.expires?.getTime() ?? 0) - Date.now()
    expect(left).to.be.within(50_000, 60_000)
    await client.get(setting('/', 'a=; Max-Age=0'))
    expect(client.cookies.get('a')).to.equal(undefined)
    const { now } = Date
    try {
      Date.now = () => now() + 61_000
      expect((await client.get('/')).text()).to.equal('')
    } finally {
      Date.now = now
    }
  })

  it('that are Secure are kept and sent over https alone', async () => {
    const client = createClient()
    const https = { headers: { 'x-forwarded-proto': 'https' } }
    await client.get(setting('/', 'a=1; Secure'))
    expect(client.cookies.all()).to.deep.equal([])
    await client.get(setting('/', 'a=1; Secure'), https)
    expect((await client.get('/')).text()).to.equal('')
    expect((await client.get('/', https)).text()).to.equal('a=1')
  })

  it('are set, removed and cleared by a test', async () => {
    const client = createClient()
    client.cookies.set('a', 'x y')
    client.cookies.set('b', '1', { path: '/b' })
    client.cookies.set('c', '1', { expires: new Date(0) })
    expect((await client.get('/')).text()).to.equal('a=x%20y')
    expect((await client.get('/b')).text()).to.equal('b=1; a=x%20y')
    await client.get(setting('/', 'a=2'))
    expect((await client.get('/')).text()).to.equal('a=2')
    client.cookies.remove('a')
    expect(client.cookies.all().map(({ name }) => name)).to.deep.equal(['b'])
    client.cookies.clear()
    expect(client.cookies.all()).to.deep.equal([])
  })

  it('give way to a Cookie field that a request has of its own', async () => {
    const client = createClient()
    client.cookies.set('a', '1')
    expect((await client.get('/', { headers: { Cookie: 'mine=1' } })).text()).to.equal('mine=1')
  })

  it('are taken and sent on the way of redirects, and carry a session', async () => {
    const register = (server: Server) => {
      server.post('/login', ({ session, response }) => {
        session.set('user', 'Ann')
        response.redirectTo('/me', 303)
      })
      server.get('/me', ({ session }) => session.get('user') ?? 'nobody')
    }
    const session = { secret: 'x'.repeat(32), store: new MemorySessionStore() }
    await using server = await createTestServer(register, { session })
    const client = server.client({ redirects: 1 })
    expect((await client.post('/login')).text()).to.equal('Ann')
    expect((await client.get('/me')).text()).to.equal('Ann')
    client.cookies.clear()
    expect((await client.get('/me')).text()).to.equal('nobody')
  })
})
