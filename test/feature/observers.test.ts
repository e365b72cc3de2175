import { expect } from 'chai'
import { ConfigError, currentRequest, type ObserverEvent, Server, type ServerOptions } from 'tribind'
import { collectingLogger, type Entry, inTime, rejected, sendToPort, until } from './both-ways.ts'
import { accept, gist, openReceiver, type Receiver, refuse } from './receiver.ts'

const PERIOD_MS = 1000

type Observer = NonNullable<Exclude<NonNullable<ServerOptions['entryPoints']>[string], string>['observer']>

describe('observers of entry points', () => {
  const created: Server[] = []
  const receivers: Receiver[] = []
  let log: Entry[] = []

  function create(observer: Observer, more: ServerOptions = {}): Server {
    log = []
    const server = new Server({
      logger: collectingLogger(log),
      entryPoints: { web: { address: '127.0.0.1:0', enableStats: true, observer } },
      ...more,
    })
    server.get('/', () => 'hello')
    created.push(server)
    return server
  }

  async function receive(...given: Parameters<typeof openReceiver>): Promise<Receiver> {
    const receiver = await openReceiver(...given)
    receivers.push(receiver)
    return receiver
  }

  /** A function that keeps what it is told, and accepts it. */
  function collect() {
    const events: ObserverEvent[] = []
    return { events, report: (given: ObserverEvent[]) => void events.push(...given) }
  }

  const get = async (server: Server) => (await sendToPort(server.port)('/')).status
  const states = (events: readonly ObserverEvent[]) =>
    events.flatMap((event) => (event.type === 'status' ? [event.status.state] : []))
  const figures = (events: readonly ObserverEvent[]) =>
    events.flatMap((event) => (event.type === 'stats' ? [event.stats] : []))
  const total = (events: readonly ObserverEvent[]) =>
    figures(events).reduce((sum, { inputBytes, outputBytes }) => sum + inputBytes + outputBytes, 0)

  afterEach(async () => {
    for (const receiver of receivers) receiver.respond = accept
    await Promise.all(created.splice(0).map((server) => server.stop()))
    await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
  })

  it('are told of each state as it comes, and of closed before the stop is over', async () => {
    const receiver = await receive()
    const server = create(receiver.url)
    await server.start()
    await until(() => states(receiver.events()).includes('ready'), 'ready arrives')
    await server.stop()
    expect(gist(receiver.events())).to.deep.equal(['running', 'ready', 'closed'])
    expect(receiver.events().map(({ seq }) => seq)).to.deep.equal([1, 2, 3])
    const [first] = receiver.events()
    expect(first).to.deep.include({ kind: 'service', service: 'web', type: 'status' })
    expect(first).to.have.deep.property('status', { state: 'running', msg: 'service web is running' })
    expect(first?.time).to.be.within(Date.now() - 10_000, Date.now())
  })

  it('are told why an entry point failed, and the start does not wait for them', async () => {
    const busy = create({ report: () => true })
    await busy.start()
    const { events, report } = collect()
    const entryPoints = {
      first: { address: '127.0.0.1:0', observer: { report } },
      web: {
        address: `127.0.0.1:${busy.port}`,
        observer: [{ report }, { report: () => new Promise(() => {}), timeout: '1s' }],
      },
    } as const
    const error = await inTime(rejected(create([], { entryPoints }).start()), 'it fails', 500)
    await until(() => events.length >= 5, 'all is told')
    const told = events.flatMap((event) => (event.type === 'status' ? [`${event.service} ${event.status.msg}`] : []))
    expect(told).to.include(`web service web is failed: ${error.message}`)
    expect(told.filter((msg) => msg.startsWith('first'))).to.deep.equal([
      'first service first is running',
      'first service first is ready',
      'first service first is closed',
    ])
  })

  it('get the figures that status() has, once a period in which something changed', async () => {
    const { events, report } = collect()
    const server = create({ report, period: PERIOD_MS })
    await server.start()
    await get(server)
    await until(() => figures(events).length === 1, 'the figures arrive')
    const [told] = figures(events)
    expect(told).to.include({ totalConns: 1, totalRequests: 1, totalErrs: 0 })
    await get(server)
    await get(server)
    await until(() => figures(events).length === 2, 'the next figures arrive')
    expect(figures(events)[1]).to.include({ totalConns: 3, totalRequests: 3 })
    expect(figures(events)[1]?.outputBytes).to.equal(3 * (told?.outputBytes as number))
  })

  it('add up exactly with resetTraffic, whatever is refused, and disturb neither each other nor status()', async () => {
    const one = collect()
    const other = collect()
    let refusals = 2
    const server = create([
      { report: (events) => refusals-- <= 0 && one.report(events), period: PERIOD_MS, resetTraffic: true },
      { report: other.report, period: '2s', resetTraffic: true },
      { report: () => false, period: PERIOD_MS, resetTraffic: true },
    ])
    await server.start()
    for (let i = 0; i < 3; i++) {
      await get(server)
      const before = figures(one.events).length
      await until(() => figures(one.events).length > before, 'a period has passed', 5000)
    }
    await server.stop()
    const { inputBytes, outputBytes } = server.entryPoint('web').status().stats as {
      inputBytes: number
      outputBytes: number
    }
    expect(inputBytes).to.be.greaterThan(0)
    expect(total(one.events)).to.equal(inputBytes + outputBytes)
    expect(total(other.events)).to.equal(inputBytes + outputBytes)
  })

  it('get again what they refused, with the next period', async () => {
    const receiver = await receive(refuse())
    const server = create({ url: receiver.url, period: '1s' })
    await server.start()
    await until(() => receiver.requests.length === 2, 'it is sent again')
    receiver.respond = accept
    await until(() => server.observers()[0]?.pending === 0, 'it is accepted')
    const ids = receiver.requests.map(({ events }) => events[0]?.id)
    expect(new Set(ids)).to.have.length(1)
    expect(states(receiver.events())).to.deep.equal(['running', 'ready'])
    const about = log.filter(({ message }) => message.includes('observer'))
    expect(about.map(({ level }) => level)).to.deep.equal(['warn', 'info'])
  })

  it('go on with their seq and what was pending where an entry point is opened again', async () => {
    const events: ObserverEvent[] = []
    let accepts = true
    const observer = {
      report: (given: ObserverEvent[]) => accepts && void events.push(...given),
      period: '1h',
    } as const
    const server = create(observer)
    await server.start()
    accepts = false
    await server.closeEntryPoint('web')
    expect(server.observers()[0]).to.include({ name: 'report', entryPoint: 'web' })
    expect(server.observers()[0]?.pending).to.be.greaterThan(0)
    accepts = true
    await server.openEntryPoint('web', { address: '127.0.0.1:0', observer })
    await server.stop()
    expect(states(events).slice(0, 3)).to.deep.equal(['running', 'ready', 'closed'])
    expect(states(events).slice(-2)).to.deep.equal(['ready', 'closed'])
    expect(events.map(({ seq }) => seq)).to.deep.equal(events.map((_event, i) => i + 1))
  })

  it('are told of closed by closeEntryPoint, which does not wait for them', async () => {
    const { events, report } = collect()
    const server = create([{ report }, { report: () => new Promise(() => {}), timeout: '1s' }])
    await server.start()
    await inTime(server.closeEntryPoint('web'), 'it is closed', 500)
    await until(() => events.length === 3, 'all is told')
    expect(states(events)).to.deep.equal(['running', 'ready', 'closed'])
  })

  it('are told of closed each period after closeEntryPoint, until they accept it', async () => {
    const { events, report } = collect()
    let refusals = 2
    const server = create({ report: (given) => refusals-- <= 0 && report(given), period: PERIOD_MS })
    await server.start()
    await server.closeEntryPoint('web')
    await until(() => states(events).includes('closed'), 'it is accepted')
  })

  it('are those of the new options after replaceEntryPoint', async () => {
    const before = collect()
    const after = collect()
    const server = create({ report: before.report })
    await server.start()
    await server.replaceEntryPoint('web', {
      address: '127.0.0.1:0',
      observer: { report: async (given) => after.report(given) },
    })
    await server.stop()
    expect(states(after.events)).to.deep.equal(['closed'])
    expect(states(before.events)).to.deep.equal(['running', 'ready'])
  })

  it('hold up neither requests nor a stop longer than the timeout', async () => {
    const silent = await receive(() => {})
    const server = create([
      { url: silent.url, timeout: '300ms' },
      { report: () => new Promise(() => {}), timeout: 300 },
    ])
    await inTime(server.start(), 'it starts')
    expect(await inTime(get(server), 'it is answered')).to.equal(200)
    const before = performance.now()
    await server.stop()
    expect(performance.now() - before).to.be.lessThan(2500)
  })

  it('are called for no request, although one has opened the entry point', async () => {
    const seen: unknown[] = []
    const server = create([], { useAsyncLocalStorage: true })
    const observer = { report: () => void seen.push(currentRequest()) }
    server.get('/open', () => server.openEntryPoint('ops', { address: '127.0.0.1:0', observer }))
    await server.start()
    await sendToPort(server.port)('/open')
    await server.stop()
    expect(seen).to.not.be.empty
    expect(new Set(seen)).to.deep.equal(new Set([undefined]))
  })

  it('get the labels of the entry point, if it has any', async () => {
    const { events, report } = collect()
    const entryPoints = {
      web: { address: '127.0.0.1:0', labels: { zone: 'a' }, observer: { report } },
      ops: { address: '127.0.0.1:0', observer: { report } },
    }
    const server = create([], { entryPoints })
    await server.start()
    await server.stop()
    for (const event of events) {
      if (event.service === 'web') expect(event.labels).to.deep.equal({ zone: 'a' })
      else expect(event).not.to.have.property('labels')
    }
    expect(new Set(events.map(({ service }) => service))).to.deep.equal(new Set(['web', 'ops']))
  })

  it('are found by their names in the option observers, each with a queue at each entry point', async () => {
    const { events, report } = collect()
    const server = create([], {
      observers: { audit: { report }, ops: 'http://127.0.0.1:1/' },
      entryPoints: {
        web: { address: '127.0.0.1:0', observer: ['audit', 'ops'] },
        admin: { address: '127.0.0.1:0', observer: 'audit' },
      },
    })
    const fresh = { pending: 0, dropped: 0, lastAccepted: undefined, lastError: undefined }
    expect(server.observers()).to.deep.equal([
      { name: 'audit', entryPoint: 'web', ...fresh },
      { name: 'ops', entryPoint: 'web', ...fresh },
      { name: 'audit', entryPoint: 'admin', ...fresh },
    ])
    await server.start()
    await until(() => events.length === 4, 'all is told')
    for (const service of ['web', 'admin']) {
      const seqs = events.filter((event) => event.service === service).map(({ seq }) => seq)
      expect(seqs, service).to.deep.equal([1, 2])
    }
    await until(() => server.observers()[1]?.lastError !== undefined, 'it fails')
    expect(server.observers()[1])
      .to.include({ pending: 2, dropped: 0 })
      .and.property('lastError')
      .to.match(/bad port|REFUSED/)
    expect(server.observers()[0]?.lastAccepted).to.be.within(Date.now() - 10_000, Date.now())
  })

  it('show no token and no credentials in the log, in errors, in status and in options', async () => {
    const receiver = await receive(refuse(401))
    const server = create([
      { url: receiver.url, token: 's3cret' },
      receiver.url.replace('//', '//alice:s3cret@').concat('?key=s3cret'),
    ])
    await server.start()
    await until(() => server.observers().every(({ lastError }) => lastError !== undefined), 'both fail')
    const { options } = server.entryPoint('web')
    const shown = JSON.stringify([log, options, server.entryPoint('web').status(), server.observers()])
    expect(shown).not.to.contain('s3cret').and.not.to.contain('alice')
    expect(server.observers().map(({ name }) => name)).to.deep.equal([receiver.url, `${receiver.url} 2`])
  })

  for (const [observer, message] of [
    [{ report: () => true, period: '999ms' }, 'option "entryPoints.web.observer.period" must be a time from 1000 ms'],
    [
      ['http://a/', { url: 'x' }],
      'option "entryPoints.web.observer[1].url" must be a URL that begins with http:// or https://',
    ],
    ['audti', 'option "entryPoints.web.observer": there is no observer "audti" in option "observers"; there are: none'],
    [() => true, 'write a function as { report: function }'],
    [5, 'option "entryPoints.web.observer" must be'],
  ] as [Observer, string][]) {
    it(`are refused with their path: ${message}`, async () => {
      expect(() => create(observer)).to.throw(ConfigError, message)
      const server = create([])
      await server.start()
      const opened = server.openEntryPoint('web2', { address: '127.0.0.1:0', observer })
      const error = await rejected(opened)
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.contain(message.replace('entryPoints.web', 'entryPoints.web2'))
    })
  }
})
