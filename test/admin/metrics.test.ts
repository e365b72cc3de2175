import { expect } from 'chai'
import http from 'node:http'
import { once } from 'node:events'
import { connect } from 'node:net'
import { forward } from 'tribind/forward'
import { type AdminWorld, startAdmin } from './admin-world.ts'

/** The samples of a scrape, by name and labels as they are written. */
async function scrape({ ask }: AdminWorld): Promise<Map<string, number>> {
  const { status, text, headers } = await ask('/metrics')
  expect(status).to.equal(200)
  expect(headers['content-type']).to.match(/^text\/plain; version=0\.0\.4/)
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

/** Scrapes until a sample has a value, since requests count when they are over. */
async function waitFor(world: AdminWorld, sample: string, value: number | undefined): Promise<Map<string, number>> {
  for (let i = 0; ; i++) {
    const samples = await scrape(world)
    if (samples.get(sample) === value || i === 100) {
      expect(samples.get(sample), `${sample} in\n${[...samples].join('\n')}`).to.equal(value)
      return samples
    }
  }
}

const labels = (entryPoint: string, route: string) => `entry_point="${entryPoint}",route="${route}"`

describe('GET /metrics', () => {
  let world: AdminWorld
  let port: number
  before(async () => {
    world = await startAdmin(
      (server) => {
        server.get('/user/:id', ({ params }) => params['id'])
        server.get('/fails', () => {
          throw new Error('it fails')
        })
        server.get('/cut', ({ response }) => {
          response.stream(
            (async function* () {
              yield 'begun'
              throw new Error('it is cut')
            })(),
          )
        })
      },
      { entryPoints: { web: '127.0.0.1:0' } },
    )
    port = world.server.port
  })
  after(() => world.stop())

  const get = (path: string, method = 'GET') =>
    new Promise<number>((resolve, reject) => {
      const outgoing = http.request({ port, path, method, agent: false }, (incoming) => {
        incoming.resume()
        incoming.on('close', () => resolve(incoming.statusCode ?? 0))
        incoming.on('error', () => {})
      })
      outgoing.on('error', reject)
      outgoing.end()
    })

  it('counts requests by entry point and pattern, never by path', async () => {
    for (const id of ['ann', 'bob', 'secret-path']) await get(`/user/${id}`)
    const samples = await waitFor(
      world,
      `tribind_requests_total{${labels('web', '/user/:id')},method="GET",code="200"}`,
      3,
    )
    expect(samples.get(`tribind_request_duration_seconds_count{${labels('web', '/user/:id')}}`)).to.equal(3)
    expect(samples.get(`tribind_request_errors_total{${labels('web', '/user/:id')}}`)).to.equal(0)
    expect([...samples.keys()].join('\n')).to.not.match(/ann|bob|secret-path/)
  })

  it('has one label for what no route serves, and for methods that are made up', async () => {
    for (let i = 0; i < 20; i++) await get(`/none-${i}`)
    const samples = await waitFor(world, `tribind_requests_total{${labels('web', 'none')},method="GET",code="404"}`, 20)
    const before = samples.size
    for (const method of ['PROPFIND', 'MKCOL', 'LOCK']) await get('/none', method)
    const other = await waitFor(world, `tribind_requests_total{${labels('web', 'none')},method="other",code="404"}`, 3)
    expect(other.size).to.equal(before + 1)
  })

  it('counts as errors what is answered 5xx, and what is cut short', async () => {
    await get('/fails')
    await get('/cut').catch(() => 0)
    await waitFor(world, `tribind_request_errors_total{${labels('web', '/fails')}}`, 1)
    await waitFor(world, `tribind_request_errors_total{${labels('web', '/cut')}}`, 1)
  })

  it('counts connections and bytes without enableStats, which status() does not show', async () => {
    const before = await scrape(world)
    const head = 'GET /user/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    const socket = connect(port)
    await once(socket, 'connect')
    socket.end(head)
    socket.resume()
    await once(socket, 'close')
    const name = (metric: string) => `tribind_${metric}{entry_point="web"}`
    const after = await waitFor(world, name('connections_total'), (before.get(name('connections_total')) ?? 0) + 1)
    expect(after.get(name('received_bytes_total'))).to.equal(
      (before.get(name('received_bytes_total')) ?? 0) + head.length,
    )
    expect(after.get(name('sent_bytes_total'))).to.be.greaterThan(before.get(name('sent_bytes_total')) ?? 0)
    expect(world.server.entryPoint('web').status()).to.not.have.property('stats')
  })

  it('tells the version, switches and refusals', async () => {
    const before = await scrape(world)
    await world.server.layer('x').replace((routes) => void routes.bindHandler('/gone/:id', () => 'x'))
    await world.server
      .layer('y')
      .replace(() => {
        throw new Error('no')
      })
      .catch(() => {})
    const after = await scrape(world)
    expect(after.get('tribind_version')).to.equal(world.server.version)
    const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
    expect([grown('tribind_switches_total'), grown('tribind_refusals_total')]).to.deep.equal([1, 1])
    expect(after.get('tribind_bindings{layer="x",type="handler"}')).to.equal(1)
    await waitFor(world, 'tribind_versions_in_use', 1)
  })

  it('ends the series of a route that is gone after one further scrape', async () => {
    await get('/gone/1')
    const sample = `tribind_requests_total{${labels('web', '/gone/:id')},method="GET",code="200"}`
    await waitFor(world, sample, 1)
    await world.server.layer('x').remove()
    expect((await scrape(world)).get(sample)).to.equal(1)
    const left = [...(await scrape(world)).keys()].filter((name) => /gone|layer="x"/.test(name))
    expect(left).to.deep.equal([])
  })

  it('ends the series of an entry point that is closed after one further scrape', async () => {
    await world.server.openEntryPoint('ops', '127.0.0.1:0')
    const [address = ''] = world.server.entryPoint('ops').addresses
    await (await fetch(`http://${address}/user/1`)).text()
    await waitFor(world, `tribind_requests_total{${labels('ops', '/user/:id')},method="GET",code="200"}`, 1)
    await world.server.closeEntryPoint('ops')
    await scrape(world)
    const left = [...(await scrape(world)).keys()].filter((name) => name.includes('"ops"') && !name.includes('_state{'))
    expect(left).to.deep.equal([])
    expect((await scrape(world)).get('tribind_entry_point_state{entry_point="ops",state="closed"}')).to.equal(1)
  })

  it('can be scraped while requests come in, and costs no request its answer', async () => {
    const scrapes = Promise.all(Array.from({ length: 5 }, () => scrape(world)))
    const statuses = await Promise.all(Array.from({ length: 50 }, (_, i) => get(`/user/${i}`)))
    expect(new Set(statuses)).to.deep.equal(new Set([200]))
    await scrapes
  })
})

describe('GET /metrics of nodes', () => {
  it('tells the state of nodes that handlers of code forward to, and of entry points', async () => {
    const upstream = http.createServer((_, response) => response.end('up')).listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const { port } = upstream.address() as { port: number }
    const node = `http://127.0.0.1:${port}`
    const world = await startAdmin(
      (server) => {
        const handler = forward({ nodes: [{ addr: node, name: 'first' }] })
        server.bindHandler('/up/*path', handler)
        server.bindHandler('/also/*path', handler)
      },
      { entryPoints: { web: '127.0.0.1:0', all: { address: '127.0.0.1:0', handler: forward(node) } } },
    )
    try {
      await (await fetch(`http://${world.server.entryPoint('web').addresses[0]}/up/a`)).text()
      await (await fetch(`http://${world.server.entryPoint('all').addresses[0]}/b`)).text()
      const samples = await scrape(world)
      const nodes = [...samples].filter(([name]) => name.startsWith('tribind_node_requests_total'))
      expect(Object.fromEntries(nodes)).to.deep.equal({
        'tribind_node_requests_total{service="/also/*path",node="first"}': 1,
        [`tribind_node_requests_total{service="entrypoint all",node="${node}"}`]: 1,
      })
      expect(samples.get('tribind_node_state{service="/also/*path",node="first",state="up"}')).to.equal(1)
    } finally {
      await world.stop()
      upstream.close()
    }
  })
})
