import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { inTime, rejected } from '../../feature/both-ways.ts'
import { follow, RecordingSink } from './recording-sink.ts'
import { first, quiet, second, type StoreWorld } from './store-world.ts'
import { untilTrue } from './until-true.ts'

const print = JSON.stringify

/** Processes that share a document: what they write, say of themselves, and leave at their end. */
export function describeProcesses(world: StoreWorld): void {
  it('publishes nothing after its end', async () => {
    await world.writer.write(print(first))
    const { sink, end } = follow(world.provider())
    await sink.until('it is published', () => sink.published.length === 1)
    await end()
    const other = world.start()
    await other.until('another one follows', () => other.published.length === 1)
    await world.writer.write(print(second))
    await other.until('the change is told', () => other.published.length === 2)
    expect(sink.published).to.have.length(1)
  })

  it('leaves nothing that keeps the process alive', async () => {
    await world.writer.write(print(first))
    const program = fileURLToPath(new URL('follow-once.ts', import.meta.url))
    const args = ['--import', 'tsx', '--conditions', 'source', program, world.kind.name, world.engine().url, world.key]
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
    const writing = world.provider()
    const sinks = [1, 2, 3, 4].map(() => world.start())
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
    const followed = world.provider()
    await followed.write(first)
    const sink = new RecordingSink()
    sink.verdict = { applied: false, issues: [{ path: 'routes.a.service', message: 'is not one' }] }
    const { end } = follow(followed, sink)
    world.atEnd(end)
    const [instance] = await untilTrue(
      () => followed.instances(),
      ([one]) => (one?.issues.length ?? 0) > 0,
    )
    expect(instance).to.deep.include({ revision: undefined, version: 0, issues: sink.verdict.issues })
    await world.writer.write('{')
    await untilTrue(
      () => followed.instances(),
      ([one]) => one?.issues[0]?.message.includes('must be JSON') === true,
    )
    await end()
    expect(await world.provider().instances()).to.deep.equal([])
  })

  it('takes a document without a provider', async () => {
    expect((await rejected(world.provider().write([]))).message).to.match(/must be an object, got \[\]/)
    expect((await rejected(world.provider().write({ filler: 'x'.repeat(9_000_000) }))).message).to.match(
      /at most 8 MiB/,
    )
    const revision = await world.provider().write(first)
    const sink = world.start()
    await sink.until('it is published', () => sink.published.length === 1)
    expect(sink.published).to.deep.equal([{ configuration: first, revision }])
  })

  const { createInjected } = world.kind
  if (createInjected !== undefined)
    it('uses a client of the application as it is, and leaves it open', async () => {
      await world.writer.write(print(first))
      const injected = await createInjected(world.engine().url, world.key, quiet)
      world.atEnd(() => injected.close())
      const { sink, end } = follow(injected.provider)
      await sink.until('the first is published', () => sink.published.length === 1)
      await world.writer.write(print(second))
      await sink.until('the change is published', () => sink.published.length === 2)
      await untilTrue(
        () => injected.provider.instances(),
        ({ length }) => length === 1,
      )
      await end()
      await injected.check()
    })
}
