import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { Server } from 'tribind'
import type { StoreProviderOptions } from 'tribind/providers'
import { inTime, rejected, until } from '../../feature/both-ways.ts'
import type { StoreEngine } from './engines.ts'
import { follow, RecordingSink } from './recording-sink.ts'
import type { StoreKind, Writer } from './store-kinds.ts'
import { untilTrue } from './until-true.ts'

const first = { routes: { a: { pattern: '/a', service: { text: 'first' } } } }
const second = { routes: { a: { pattern: '/a', service: { text: 'second' } } } }
const third = { routes: { a: { pattern: '/a', service: { text: 'third' } } } }
/** So that a document is read only because of a change. */
const quiet: StoreProviderOptions = { heartbeat: '3s', period: '1h' }
/** So that an engine that hangs is noticed soon. */
const alert: StoreProviderOptions = { heartbeat: 500, period: '1h' }
const print = JSON.stringify

/** What holds for each store, on a real engine. */
export function describeStore(kind: StoreKind, engine: () => StoreEngine): void {
  let keys = 0
  let key = ''
  let writer: Writer
  const ends: (() => Promise<unknown>)[] = []

  const provider = (options = quiet) => kind.createProvider(engine().url, key, options)
  const start = (options = quiet, sink = new RecordingSink()) => {
    const followed = follow(provider(options), sink)
    ends.push(followed.end)
    return followed.sink
  }

  beforeEach(async () => {
    key = `key${keys++}`
    writer = await kind.createWriter(engine().url, key)
    ends.push(() => writer.close())
  })
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  it('publishes what is there, with its revision', async () => {
    await writer.write(print(first))
    const sink = start()
    await sink.until('it is published', () => sink.published.length === 1)
    expect(sink.newest).to.deep.equal(first)
    expect(sink.published[0]?.revision).to.be.a('number').greaterThan(0)
    expect(sink.failures).to.deep.equal([])
  })

  it('publishes a change at once', async () => {
    await writer.write(print(first))
    const sink = start()
    await sink.until('the first is published', () => sink.published.length === 1)
    const began = performance.now()
    await writer.write(print(second))
    await sink.until('the change is published', () => sink.published.length === 2)
    expect(performance.now() - began).to.be.lessThan(1000)
    expect(sink.newest).to.deep.equal(second)
    expect(Number(sink.published[1]?.revision)).to.be.greaterThan(Number(sink.published[0]?.revision))
  })

  it('reads again after each period, also where no change is told', async () => {
    await writer.write(print(first))
    const sink = start({ heartbeat: '1h', period: 100 })
    await sink.until('the first is published', () => sink.published.length === 1)
    const before = sink.contacts
    await sink.until('it was read three more times', () => sink.contacts >= before + 3)
    expect(sink.published).to.have.length(1)
  })

  it('publishes nothing for a key that is missing, tells it once, and publishes what is written then', async () => {
    const sink = start({ heartbeat: 50, period: 50 })
    await sink.until('it is told', () => sink.failures.length === 1)
    // Time enough for some more reads.
    for (const _time of [1, 2, 3, 4, 5]) await provider().instances()
    expect(sink.messages[0]).to.match(/no document yet: .*write/)
    await writer.write(print(first))
    await sink.until('it is published', () => sink.published.length === 1)
    expect(sink.failures).to.have.length(1)
    expect(sink.isAlive).to.equal(true)
  })

  it('keeps what it has published when the key is deleted', async () => {
    await writer.write(print(first))
    const sink = start()
    await sink.until('it is published', () => sink.published.length === 1)
    await writer.delete()
    await sink.until('it is told', () => sink.failures.length === 1)
    expect([sink.published.length, sink.withdrawals]).to.deep.equal([1, 0])
    await writer.write(print(second))
    await sink.until('the next is published', () => sink.published.length === 2)
  })

  for (const [what, text, message] of [
    ['half a document', print(first).slice(0, -9), /must be JSON, and isn't/],
    ['an array', '[]', /must be a JSON object with routes, services and middlewares, got an array/],
    ['a text', '"secret"', /got a string/],
    ['a document of 10 MB', print({ routes: {}, filler: 'x'.repeat(10_000_000) }), /at most 8 MiB, and has/],
  ] as const) {
    it(`tells what is wrong with ${what}, and goes on with the next`, async () => {
      await writer.write(print(first))
      const sink = start()
      await sink.until('the first is published', () => sink.published.length === 1)
      await writer.write(text)
      await sink.until('it is told', () => sink.failures.length > 0)
      expect(sink.messages).to.have.length(1)
      expect(sink.messages[0]).to.match(message).and.include(key).and.include('what was served goes on')
      expect(sink.messages[0]).not.to.include('secret')
      await writer.write(print(second))
      await sink.until('the next is published', () => sink.published.length === 2)
      expect(sink.newest).to.deep.equal(second)
      expect([sink.failures.length, sink.withdrawals]).to.deep.equal([1, 0])
    })
  }

  it('publishes documents of 2 MB', async () => {
    const large = { ...first, filler: 'x'.repeat(2_000_000) }
    await writer.write(print(large))
    const sink = start()
    await sink.until('it is published', () => sink.published.length === 1)
    expect(sink.newest).to.deep.equal(large)
  })

  if (kind.hasOwnRevisions)
    it('ignores an older revision, and tells it; a reload takes it', async () => {
      await writer.write(print(second), 57)
      const followed = provider()
      const { sink, end } = follow(followed)
      ends.push(end)
      await sink.until('it is published', () => sink.published.length === 1)
      expect(sink.published[0]?.revision).to.equal(57)
      await writer.write(print(first), 56)
      await sink.until('it is told', () => sink.failures.length === 1)
      expect(sink.messages[0]).to.match(/revision 56 is older than revision 57/)
      expect(sink.published).to.have.length(1)
      await followed.reload()
      expect(sink.published[1]).to.deep.equal({ configuration: first, revision: 56 })
    })

  it('publishes a change that came while the engine was away', async () => {
    await writer.write(print(first))
    const sink = start()
    await sink.until('the first is published', () => sink.published.length === 1)
    await engine().crash()
    await sink.until('it is told', () => sink.failures.length > 0)
    expect(sink.failures[0]).to.have.property('failure', 'ERR_TRIBIND_STORE_UNREACHABLE')
    expect(sink.messages[0]).to.include(key).and.include('what was served goes on').and.not.include('tests-only')
    await writer.close().catch(() => {})
    await engine().start()
    writer = await kind.createWriter(engine().url, key)
    await writer.write(print(second))
    await sink.until('the change is published', () => sink.published.length === 2)
    expect(sink.newest).to.deep.equal(second)
    expect(sink.isAlive).to.equal(true)
    await writer.write(print(third))
    await sink.until('changes are told again', () => sink.published.length === 3)
  })

  it('begins where the engine is not there yet', async () => {
    await writer.write(print(first))
    await writer.close()
    await engine().crash()
    const sink = start()
    await sink.until('it is told', () => sink.failures.length > 0)
    await engine().start()
    writer = await kind.createWriter(engine().url, key)
    await sink.until('it is published', () => sink.published.length === 1)
  })

  it('notices an engine that hangs, and reads again when it goes on', async () => {
    await writer.write(print(first))
    const sink = start(alert)
    await sink.until('the first is published', () => sink.published.length === 1)
    const began = performance.now()
    engine().freeze()
    try {
      await sink.until('it is told', () => sink.failures.length > 0)
      expect(performance.now() - began).to.be.lessThan(6000)
    } finally {
      engine().thaw()
    }
    await sink.until('it answers', () => sink.isAlive)
    expect(sink.published).to.have.length(1)
    await writer.close().catch(() => {})
    writer = await kind.createWriter(engine().url, key)
    await writer.write(print(second))
    await sink.until('changes are told again', () => sink.published.length === 2)
  })

  it('ends in time while the engine hangs', async () => {
    await writer.write(print(first))
    const { sink, end } = follow(provider())
    await sink.until('it is published', () => sink.published.length === 1)
    engine().freeze()
    try {
      const began = performance.now()
      await end()
      expect(performance.now() - began).to.be.lessThan(2500)
    } finally {
      engine().thaw()
    }
  })

  it('publishes nothing after its end', async () => {
    await writer.write(print(first))
    const { sink, end } = follow(provider())
    await sink.until('it is published', () => sink.published.length === 1)
    await end()
    const other = start()
    await other.until('another one follows', () => other.published.length === 1)
    await writer.write(print(second))
    await other.until('the change is told', () => other.published.length === 2)
    expect(sink.published).to.have.length(1)
  })

  it('leaves nothing that keeps the process alive', async () => {
    await writer.write(print(first))
    const program = fileURLToPath(new URL('follow-once.ts', import.meta.url))
    const args = ['--import', 'tsx', '--conditions', 'source', program, kind.name, engine().url, key]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    try {
      const [text] = (await once(child.stdout, 'data')) as [Buffer]
      expect(String(text)).to.equal('ended\n')
      expect(await inTime(exited, 'it exits', 5000)).to.deep.equal([0, null])
    } finally {
      child.kill('SIGKILL')
    }
  }).timeout(60_000)

  it('writes documents, which all processes serve then, each listed with what it serves', async () => {
    const writing = provider()
    const sinks = [1, 2, 3, 4].map(() => start())
    const revisions = [await writing.write(first), await writing.write(second)]
    expect(revisions[1]).to.be.greaterThan(revisions[0] as number)
    for (const sink of sinks)
      await sink.until('the newest is published', () => sink.published.at(-1)?.revision === revisions[1])
    for (const sink of sinks) expect(sink.newest).to.deep.equal(second)
    const instances = await untilTrue(
      () => writing.instances(),
      (all) => all.length === 4 && all.every(({ revision }) => revision === revisions[1]),
    )
    expect(new Set(instances.map(({ id }) => id)).size).to.equal(4)
    for (const { id, version, reportedAt, issues } of instances) {
      expect(id).to.match(new RegExp(`-${process.pid}-[0-9a-f]{6}$`))
      expect(version).to.be.greaterThan(0)
      expect(Math.abs(reportedAt - Date.now())).to.be.lessThan(60_000)
      expect(issues).to.deep.equal([])
    }
  })

  it('lists the issues of a process, and no longer one that has ended', async () => {
    const followed = provider()
    await followed.write(first)
    const sink = new RecordingSink()
    sink.verdict = { applied: false, issues: [{ path: 'routes.a.service', message: 'is not one' }] }
    const { end } = follow(followed, sink)
    ends.push(end)
    const [instance] = await untilTrue(
      () => followed.instances(),
      ([one]) => (one?.issues.length ?? 0) > 0,
    )
    expect(instance).to.deep.include({ revision: undefined, version: 0, issues: sink.verdict.issues })
    await writer.write('{')
    await untilTrue(
      () => followed.instances(),
      ([one]) => one?.issues[0]?.message.includes('must be JSON') === true,
    )
    await end()
    expect(await provider().instances()).to.deep.equal([])
  })

  it('takes a document without a provider', async () => {
    expect((await rejected(provider().write([]))).message).to.match(/must be an object, got \[\]/)
    expect((await rejected(provider().write({ filler: 'x'.repeat(9_000_000) }))).message).to.match(/at most 8 MiB/)
    const revision = await provider().write(first)
    const sink = start()
    await sink.until('it is published', () => sink.published.length === 1)
    expect(sink.published).to.deep.equal([{ configuration: first, revision }])
  })

  it('is served by a server, also while the engine is away', async () => {
    await writer.write(print(first))
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    const providers = [provider({ ...quiet, required: true })]
    const server = new Server({ logger, configuration: { providers, throttle: 0 } })
    ends.push(() => server.stop())
    await server.start()
    const answer = async () => (await server.inject({ url: '/a' })).text()
    const state = () => server.configuration.status().providers[0]?.state
    expect([await answer(), state()]).to.deep.equal(['first', 'ok'])
    await writer.write(print(second))
    await untilTrue(answer, (text) => text === 'second')
    await writer.write(print({ routes: { a: { pattern: '/a', service: 'missing' } } }))
    await until(() => state() === 'stale', 'the mistake is told')
    await untilTrue(
      () => provider().instances(),
      ([instance]) => instance?.issues[0]?.path === 'routes.a.service',
    )
    await engine().crash()
    await until(() => server.configuration.status().providers[0]?.issues.length === 2, 'the outage is told')
    expect(await answer()).to.equal('second')
    await engine().start()
    writer = await kind.createWriter(engine().url, key)
    await writer.write(print(third))
    await untilTrue(answer, (text) => text === 'third')
    expect(state()).to.equal('ok')
  })

  const { createInjected } = kind
  if (createInjected !== undefined)
    it('uses a client of the application as it is, and leaves it open', async () => {
      await writer.write(print(first))
      const injected = await createInjected(engine().url, key, quiet)
      ends.push(() => injected.close())
      const { sink, end } = follow(injected.provider)
      await sink.until('the first is published', () => sink.published.length === 1)
      await writer.write(print(second))
      await sink.until('the change is published', () => sink.published.length === 2)
      await untilTrue(
        () => injected.provider.instances(),
        ({ length }) => length === 1,
      )
      await end()
      await injected.check()
    })
}
