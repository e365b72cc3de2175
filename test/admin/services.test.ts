import { expect } from 'chai'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type AdminWorld, startAdmin } from './admin-world.ts'

const url = '/config/services'

describe('/config/services', () => {
  let world: AdminWorld
  beforeEach(async () => {
    world = await startAdmin((server) => server.get('/hello', () => 'hello'), {
      entryPoints: { web: { address: '127.0.0.1:0', enableStats: true, labels: { zone: 'inner' } } },
    })
  })
  afterEach(() => world.stop())

  const names = () => world.server.entryPoints().map(({ name, addresses }) => [name, addresses.length])
  const hello = async (name: string) =>
    (await fetch(`http://${world.server.entryPoint(name).addresses[0]}/hello`)).text()

  it('lists the entry points in the shape of GOST', async () => {
    const { data } = await world.get(url)
    expect(data.count).to.equal(1)
    expect(data.list[0]).to.include.all.keys('name', 'addr', 'handler', 'listener', 'metadata', 'status')
    expect(data.list[0]).to.deep.include({
      name: 'web',
      addr: '127.0.0.1:0',
      handler: { type: 'http' },
      listener: { type: 'tcp' },
      metadata: { zone: 'inner', enableStats: true },
    })
    expect(data.list[0].status).to.include({ state: 'ready' })
    expect(data.list[0].status.stats).to.include({ totalConns: 0 })
    expect((await world.get('/config')).data.count).to.equal(1)
    expect((await world.get(`${url}/web`)).data.name).to.equal('web')
    expect((await world.ask(`${url}/none`)).status).to.equal(404)
  })

  it('opens one, in the shape of GOST or by its own options', async () => {
    const gost = {
      name: 'ops',
      addr: '127.0.0.1:0',
      handler: { type: 'http' },
      listener: { type: 'tcp' },
      metadata: { a: 'b' },
    }
    const { status, json } = await world.send('POST', url, gost)
    expect([status, json.version]).to.deep.equal([200, world.server.version])
    expect(json.data).to.deep.include({ name: 'ops', metadata: { a: 'b' } })
    expect(await hello('ops')).to.equal('hello')
    const own = { name: 'more', address: '127.0.0.1:0', enableStats: true, maxConnections: 5, keepAliveTimeout: '1s' }
    expect((await world.send('POST', url, own)).status).to.equal(200)
    expect(world.server.entryPoint('more').options).to.include({ maxConnections: 5, keepAliveTimeout: 1000 })
  })

  it('takes enableStats from the metadata, where GOST has it, and shows it there', async () => {
    for (const enableStats of [true, 'true']) {
      const gost = { addr: '127.0.0.1:0', handler: { type: 'app' }, metadata: { zone: 'outer', enableStats } }
      const { status, json } = await world.send('PUT', `${url}/web`, gost)
      expect([status, json.data.metadata]).to.deep.equal([200, { zone: 'outer', enableStats: true }])
      expect(json.data.status).to.have.property('stats')
    }
    const { data } = await world.get(`${url}/web`)
    expect((await world.send('PUT', `${url}/web`, data)).json.data.metadata).to.deep.equal(data.metadata)
    const without = await world.send('PUT', `${url}/web`, { addr: '127.0.0.1:0', metadata: { enableStats: 'false' } })
    expect(without.json.data.status).to.not.have.property('stats')
  })

  it('replaces one, and closes it', async () => {
    const { json } = await world.send('PUT', `${url}/web`, { addr: '127.0.0.1:0', metadata: { zone: 'outer' } })
    expect(json.data.metadata).to.deep.equal({ zone: 'outer' })
    expect(await hello('web')).to.equal('hello')
    const closed = await world.send('DELETE', `${url}/web`)
    expect([closed.status, closed.json]).to.deep.equal([200, { version: world.server.version, cut: 0 }])
    expect(names()).to.deep.equal([['web', 0]])
    expect((await world.get(`${url}/web`)).data.status.state).to.equal('closed')
    expect(world.server.state).to.equal('ready')
    expect((await world.send('POST', url, { name: 'web', addr: '127.0.0.1:0' })).status).to.equal(200)
    expect(await hello('web')).to.equal('hello')
  })

  it('says what does not fit', async () => {
    for (const [method, path, body, status] of [
      ['POST', url, { name: 'web', addr: '127.0.0.1:0' }, 409],
      ['PUT', `${url}/none`, { addr: '127.0.0.1:0' }, 404],
      ['DELETE', `${url}/none`, undefined, 404],
      ['PUT', `${url}/__proto__`, { addr: '127.0.0.1:0' }, 404],
    ] as const)
      expect([method, path, (await world.send(method, path, body)).status]).to.deep.equal([method, path, status])
    await world.send('DELETE', `${url}/web`)
    expect((await world.send('DELETE', `${url}/web`)).status).to.equal(409)
    expect((await world.send('PUT', `${url}/web`, { addr: '127.0.0.1:0' })).status).to.equal(409)
  })

  it('is 409 where another process listens', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const { status, json } = await world.send('POST', url, { name: 'ops', addr: `127.0.0.1:${port}` })
    other.close()
    expect([status, json.code]).to.deep.equal([409, 'ERR_TRIBIND_ADMIN_CONFLICT'])
    expect(names()).to.deep.equal([['web', 1]])
  })

  for (const [body, path] of [
    [{}, 'name'],
    [{ name: 3, addr: '127.0.0.1:0' }, 'name'],
    [{ name: 'a' }, 'address'],
    [{ name: 'a', addr: '1.2.3.4.5:x' }, 'address'],
    [{ name: 'a', addr: '192.0.2.1:80' }, 'address'],
    [{ name: 'a', addr: '127.0.0.1:0', unknown: 1 }, 'unknown'],
    [{ name: 'a', addr: '127.0.0.1:0', maxConnections: 0 }, 'maxConnections'],
    [{ name: 'a', addr: '127.0.0.1:0', observer: { url: 'http://127.0.0.1:9', period: 1 } }, 'observer.period'],
    [{ name: 'a', addr: '127.0.0.1:0', address: '127.0.0.1:0' }, 'addr'],
    [{ name: 'a', addr: '127.0.0.1:0', metadata: { a: 1 } }, 'labels'],
    [{ name: 'a', addr: '127.0.0.1:0', metadata: { enableStats: 'perhaps' } }, 'enableStats'],
    [{ name: 'a', addr: '127.0.0.1:0', enableStats: true, metadata: { enableStats: true } }, 'metadata.enableStats'],
    [{ name: 'a', addr: '127.0.0.1:0', metadata: { preUp: 'true' } }, 'metadata.preUp'],
    [{ name: 'a', addr: '127.0.0.1:0', handler: { type: 'socks5' } }, 'handler'],
    [{ name: 'a', addr: '127.0.0.1:0', handler: 'x' }, 'handler'],
    [{ name: 'a', addr: '127.0.0.1:0', listener: { type: 'kcp' } }, 'listener'],
    [{ name: 'a', addr: '127.0.0.1:0', preUp: 'touch /tmp/taken-over' }, 'preUp'],
    [{ name: 'a', addr: '127.0.0.1:0', postDown: { run: 'id', shell: true } }, 'postDown'],
  ] as const)
    it(`refuses ${JSON.stringify(body)}`, async () => {
      for (const query of ['', '?dryRun']) {
        if (query !== '' && (body as { addr?: string }).addr === '192.0.2.1:80') continue
        const { status, json } = await world.send('POST', url + query, body)
        expect([status, json.code, json.issues?.[0]?.path]).to.deep.equal([422, 'ERR_TRIBIND_ADMIN_INVALID', path])
        expect(json.issues?.[0]?.message).not.to.include('entryPoints.')
      }
      expect(names()).to.deep.equal([['web', 1]])
    })

  it('changes nothing under ?dryRun', async () => {
    const body = { addr: '127.0.0.1:0' }
    for (const [method, path] of [
      ['POST', `${url}?dryRun`],
      ['PUT', `${url}/web?dryRun`],
      ['DELETE', `${url}/web?dryRun`],
    ] as const) {
      const { status, json } = await world.send(method, path, method === 'POST' ? { name: 'ops', ...body } : body)
      expect([method, status, json]).to.deep.equal([method, 200, { version: world.server.version, dryRun: true }])
    }
    expect(names()).to.deep.equal([['web', 1]])
  })

  it('changes nothing where If-Match is of another state', async () => {
    const { etag = '' } = (await world.ask(`${url}/web`)).headers
    const first = await world.send(
      'PUT',
      `${url}/web`,
      { addr: '127.0.0.1:0', enableStats: true },
      { 'if-match': etag },
    )
    expect(first.status).to.equal(200)
    expect((await world.ask(`${url}/web`)).headers.etag)
      .to.equal(first.headers.etag)
      .and.not.equal(etag)
    for (const method of ['PUT', 'DELETE'])
      expect((await world.send(method, `${url}/web`, { addr: '127.0.0.1:0' }, { 'if-match': etag })).status).to.equal(
        412,
      )
    expect(names()).to.deep.equal([['web', 1]])
  })
})
