import { expect } from 'chai'
import http from 'node:http'
import { once } from 'node:events'
import { type AdminWorld, startAdmin, token } from './admin-world.ts'

interface Event {
  readonly event: string
  readonly id: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any
}

/** An open event stream. */
class Stream {
  readonly events: Event[] = []
  readonly closed: Promise<unknown>
  readonly #incoming: http.IncomingMessage
  #text = ''
  #seen: () => void = () => {}

  constructor(incoming: http.IncomingMessage) {
    this.#incoming = incoming
    this.closed = once(incoming, 'close')
    incoming.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk))
    incoming.on('error', () => {})
  }

  static async open({ place }: AdminWorld, headers: Record<string, string> = {}): Promise<Stream> {
    const { port } = place as { port: number }
    const all = { host: `127.0.0.1:${port}`, authorization: `Bearer ${token}`, ...headers }
    const outgoing = http.get({ host: '127.0.0.1', port, path: '/api/events', headers: all, agent: false })
    outgoing.on('error', () => {})
    const [incoming] = (await once(outgoing, 'response')) as [http.IncomingMessage]
    expect(incoming.statusCode).to.equal(200)
    return new Stream(incoming)
  }

  /** Resolves to the first event that fits, which may have come already. */
  async find(event: string, fits: (data: Event['data']) => boolean = () => true): Promise<Event> {
    for (;;) {
      const found = this.events.find((one) => one.event === event && fits(one.data))
      if (found !== undefined) return found
      await new Promise<void>((resolve) => (this.#seen = resolve))
    }
  }

  close(): void {
    this.#incoming.destroy()
  }

  #read(chunk: string): void {
    this.#text += chunk
    const blocks = this.#text.split('\n\n')
    this.#text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/s).slice(0, 2)))
      if (fields['data'] !== undefined)
        this.events.push({ event: fields['event'], id: fields['id'], data: JSON.parse(fields['data']) })
    }
    this.#seen()
  }
}

describe('GET /api/events', () => {
  let world: AdminWorld
  beforeEach(async () => {
    world = await startAdmin()
  })
  afterEach(() => world.stop())

  const replace = (layer: string) =>
    world.server.layer(layer).replace((routes) => void routes.bindHandler(`/${layer}`, () => layer))

  it('tells of switches, refusals and versions that retire', async () => {
    const stream = await Stream.open(world)
    const { version } = await replace('shop')
    const { data } = await stream.find('switched')
    expect(data).to.deep.include({ version, layer: 'shop', removed: { count: 0, routes: [] } })
    expect(data.added.routes[0]).to.include({ route: '/shop', type: 'handler' })
    expect((await stream.find('retired')).data).to.deep.equal({ version: version - 1 })
    await world.server
      .layer('bad')
      .replace((routes) => void routes.bindHandler('bad', () => ''))
      .catch(() => {})
    const refused = await stream.find('refused')
    expect(refused.data).to.include({ layer: 'bad' }).and.have.property('message').that.includes('bad')
    stream.close()
  })

  it('tells of entry points, providers and the configuration', async () => {
    const stream = await Stream.open(world)
    await world.server.openEntryPoint('ops', '127.0.0.1:0')
    const opened = await stream.find('entrypoint', ({ name }) => name === 'ops')
    expect(opened.data.status.state).to.equal('ready')
    await world.server.closeEntryPoint('ops')
    await stream.find('entrypoint', ({ name, status }) => name === 'ops' && status.state === 'closed')
    await world.send('PUT', '/config/routing', { services: { a: { text: 'a' } } })
    expect((await stream.find('provider')).data).to.include({ name: 'api', state: 'ok' })
    expect((await stream.find('configuration')).data).to.include({ version: world.server.version, pinned: false })
    await (await fetch(`http://${world.server.addresses[0]}/`)).text()
    await stream.find('stats', ({ stats }) => stats.totalRequests === 1)
    stream.close()
  })

  it('goes on after the last event that a client had', async () => {
    const first = await Stream.open(world)
    await replace('one')
    const { id } = await first.find('switched')
    first.close()
    await first.closed
    await replace('two')
    const second = await Stream.open(world, { 'last-event-id': id })
    const missed = await second.find('switched')
    expect(missed.data.layer).to.equal('two')
    for (const other of ['0123456789ab-1', 'x', '-1', `${id}x`]) {
      const third = await Stream.open(world, { 'last-event-id': other })
      await replace(`after-${other.length}`)
      expect((await third.find('switched')).data.layer, other).to.equal(`after-${other.length}`)
      third.close()
    }
    second.close()
  })

  it('opens 20 streams, and another when one is closed', async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => Stream.open(world)))
    const { status, json, headers } = await world.ask('/api/events')
    expect([status, json.code, headers['retry-after']]).to.deep.equal([503, 'ERR_TRIBIND_ADMIN_STREAMS', '5'])
    streams[0]?.close()
    for (;;) {
      const stream = await Stream.open(world).catch(() => undefined)
      if (stream === undefined) continue
      stream.close()
      break
    }
    for (const stream of streams) stream.close()
  })

  it('ends with the server', async () => {
    const stream = await Stream.open(world)
    const before = performance.now()
    await world.stop()
    await stream.closed
    expect(performance.now() - before).to.be.lessThan(3000)
  })
})
