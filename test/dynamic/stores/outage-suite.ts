import { expect } from 'chai'
import { Server } from 'tribind'
import { until } from '../../feature/both-ways.ts'
import { follow } from './recording-sink.ts'
import { alert, first, quiet, second, type StoreWorld, third } from './store-world.ts'
import { untilTrue } from './until-true.ts'

const print = JSON.stringify

/** Engines that end, hang and come back. */
export function describeOutages(world: StoreWorld): void {
  it('publishes a change that came while the engine was away', async () => {
    await world.writer.write(print(first))
    const sink = world.start()
    await sink.until('the first is published', () => sink.published.length === 1)
    await world.engine().crash()
    await sink.until('it is told', () => sink.failures.length > 0)
    expect(sink.failures[0]).to.have.property('failure', 'ERR_TRIBIND_STORE_UNREACHABLE')
    expect(sink.messages[0]).to.include(world.key).and.include('what was served goes on').and.not.include('tests-only')
    await world.engine().start()
    await world.renewWriter()
    await world.writer.write(print(second))
    await sink.until('the change is published', () => sink.published.length === 2)
    expect(sink.newest).to.deep.equal(second)
    expect(sink.isAlive).to.equal(true)
    await world.writer.write(print(third))
    await sink.until('changes are told again', () => sink.published.length === 3)
  })

  it('begins where the engine is not there yet', async () => {
    await world.writer.write(print(first))
    await world.engine().crash()
    const sink = world.start()
    await sink.until('it is told', () => sink.failures.length > 0)
    await world.engine().start()
    await world.renewWriter()
    await sink.until('it is published', () => sink.published.length === 1)
  })

  it('notices an engine that hangs, and reads again when it goes on', async () => {
    await world.writer.write(print(first))
    const sink = world.start(alert)
    await sink.until('the first is published', () => sink.published.length === 1)
    const began = performance.now()
    world.engine().freeze()
    try {
      await sink.until('it is told', () => sink.failures.length > 0)
      expect(performance.now() - began).to.be.lessThan(6000)
    } finally {
      world.engine().thaw()
    }
    await sink.until('it answers', () => sink.isAlive)
    expect(sink.published).to.have.length(1)
    await world.renewWriter()
    await world.writer.write(print(second))
    await sink.until('changes are told again', () => sink.published.length === 2)
  })

  it('ends in time while the engine hangs', async () => {
    await world.writer.write(print(first))
    const { sink, end } = follow(world.provider())
    await sink.until('it is published', () => sink.published.length === 1)
    world.engine().freeze()
    try {
      const began = performance.now()
      await end()
      expect(performance.now() - began).to.be.lessThan(2500)
    } finally {
      world.engine().thaw()
    }
  })

  it('is served by a server, also while the engine is away', async () => {
    await world.writer.write(print(first))
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    const providers = [world.provider({ ...quiet, required: true })]
    const server = new Server({ port: 0, logger, configuration: { providers, throttle: 0 } })
    world.atEnd(() => server.stop())
    await server.start()
    const answer = async () => (await server.inject({ url: '/a' })).text()
    const state = () => server.configuration.status().providers[0]?.state
    expect([await answer(), state()]).to.deep.equal(['first', 'ok'])
    await world.writer.write(print(second))
    await untilTrue(answer, (text) => text === 'second')
    await world.writer.write(print({ routes: { a: { pattern: '/a', service: 'missing' } } }))
    await until(() => state() === 'stale', 'the mistake is told')
    await untilTrue(
      () => world.provider().instances(),
      ([instance]) => instance?.issues[0]?.path === 'routes.a.service',
    )
    await world.engine().crash()
    await until(() => server.configuration.status().providers[0]?.issues.length === 2, 'the outage is told')
    expect(await answer()).to.equal('second')
    await world.engine().start()
    await world.renewWriter()
    await world.writer.write(print(third))
    await untilTrue(answer, (text) => text === 'third')
    expect(state()).to.equal('ok')
  })
}
