import { expect } from 'chai'
import { follow } from './recording-sink.ts'
import { first, second, type StoreWorld } from './store-world.ts'

const print = JSON.stringify

/** Documents, whole and broken, and their revisions. */
export function describeDocuments(world: StoreWorld): void {
  it('publishes what is there, with its revision', async () => {
    await world.writer.write(print(first))
    const sink = world.start()
    await sink.until('it is published', () => sink.published.length === 1)
    expect(sink.newest).to.deep.equal(first)
    expect(sink.published[0]?.revision).to.be.a('number').greaterThan(0)
    expect(sink.failures).to.deep.equal([])
  })

  it('publishes a change at once', async () => {
    await world.writer.write(print(first))
    const sink = world.start()
    await sink.until('the first is published', () => sink.published.length === 1)
    const began = performance.now()
    await world.writer.write(print(second))
    await sink.until('the change is published', () => sink.published.length === 2)
    expect(performance.now() - began).to.be.lessThan(1000)
    expect(sink.newest).to.deep.equal(second)
    expect(Number(sink.published[1]?.revision)).to.be.greaterThan(Number(sink.published[0]?.revision))
  })

  it('reads again after each period, also where no change is told', async () => {
    await world.writer.write(print(first))
    const sink = world.start({ heartbeat: '1h', period: 100 })
    await sink.until('the first is published', () => sink.published.length === 1)
    const before = sink.contacts
    await sink.until('it was read three more times', () => sink.contacts >= before + 3)
    expect(sink.published).to.have.length(1)
  })

  it('publishes nothing for a key that is missing, tells it once, and publishes what is written then', async () => {
    const sink = world.start({ heartbeat: 50, period: 50 })
    await sink.until('it is told', () => sink.failures.length === 1)
    // Time enough for some more reads.
    for (const _time of [1, 2, 3, 4, 5]) await world.provider().instances()
    expect(sink.messages[0]).to.match(/no document yet: .*write/)
    await world.writer.write(print(first))
    await sink.until('it is published', () => sink.published.length === 1)
    expect(sink.failures).to.have.length(1)
    expect(sink.isAlive).to.equal(true)
  })

  it('keeps what it has published when the key is deleted', async () => {
    await world.writer.write(print(first))
    const sink = world.start()
    await sink.until('it is published', () => sink.published.length === 1)
    await world.writer.delete()
    await sink.until('it is told', () => sink.failures.length === 1)
    expect([sink.published.length, sink.withdrawals]).to.deep.equal([1, 0])
    await world.writer.write(print(second))
    await sink.until('the next is published', () => sink.published.length === 2)
  })

  for (const [what, text, message] of [
    ['half a document', print(first).slice(0, -9), /must be JSON, and isn't/],
    ['an array', '[]', /must be a JSON object with routes, services and middlewares, got an array/],
    ['a text', '"secret"', /got a string/],
    ['a document of 10 MB', print({ routes: {}, filler: 'x'.repeat(10_000_000) }), /at most 8 MiB, and has/],
  ] as const) {
    it(`tells what is wrong with ${what}, and goes on with the next`, async () => {
      await world.writer.write(print(first))
      const sink = world.start()
      await sink.until('the first is published', () => sink.published.length === 1)
      await world.writer.write(text)
      await sink.until('it is told', () => sink.failures.length > 0)
      expect(sink.messages).to.have.length(1)
      expect(sink.messages[0]).to.match(message).and.include(world.key).and.include('what was served goes on')
      expect(sink.messages[0]).not.to.include('secret')
      await world.writer.write(print(second))
      await sink.until('the next is published', () => sink.published.length === 2)
      expect(sink.newest).to.deep.equal(second)
      expect([sink.failures.length, sink.withdrawals]).to.deep.equal([1, 0])
    })
  }

  it('publishes documents of 2 MB', async () => {
    const large = { ...first, filler: 'x'.repeat(2_000_000) }
    await world.writer.write(print(large))
    const sink = world.start()
    await sink.until('it is published', () => sink.published.length === 1)
    expect(sink.newest).to.deep.equal(large)
  })

  if (world.kind.hasOwnRevisions)
    it('ignores an older revision, and tells it; a reload takes it', async () => {
      await world.writer.write(print(second), 57)
      const followed = world.provider()
      const { sink, end } = follow(followed)
      world.atEnd(end)
      await sink.until('it is published', () => sink.published.length === 1)
      expect(sink.published[0]?.revision).to.equal(57)
      await world.writer.write(print(first), 56)
      await sink.until('it is told', () => sink.failures.length === 1)
      expect(sink.messages[0]).to.match(/revision 56 is older than revision 57/)
      expect(sink.published).to.have.length(1)
      await followed.reload()
      expect(sink.published[1]).to.deep.equal({ configuration: first, revision: 56 })
    })
}
