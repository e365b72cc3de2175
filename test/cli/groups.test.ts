import { expect } from 'chai'
import { setTimeout as delay } from 'node:timers/promises'
import { nextDelay } from '../../lib/cli/children/next-delay.ts'
import type { UsageError } from '../../lib/cli/command.ts'
import { runGroups } from '../../lib/cli/groups/run-groups.ts'
import { buildProgram, Groups, removeProgram } from './groups/processes.ts'

describe('groups of arguments', function () {
  this.timeout(90_000)
  before(buildProgram)
  after(removeProgram)
  afterEach(() => Groups.endAll())

  /** Starts groups that serve, and returns the ports. */
  const serve = async (words: readonly string[], start = (all: readonly string[]) => new Groups(all)) => {
    const groups = start(words)
    const ports = await groups.wrote(/port (\d+)/, words.filter((word) => word.startsWith('serve')).length)
    return { groups, ports }
  }
  const ask = async (port: string | undefined) => (await fetch(`http://127.0.0.1:${port}/`)).text()

  describe('output', () => {
    it('begins each line with its group, also one without an end, on both streams', async () => {
      const groups = new Groups(['say=a\n\nb', '--', 'warn=c\r\nd', 'wait=50', 'warn=e', '--', 'say='])
      expect(await groups.ended).to.deep.equal({ code: 0, signal: null })
      const lines = groups.lines.filter((line) => line.startsWith('['))
      expect(lines).to.have.members(['[1] a', '[1] ', '[1] b', '[2] c', '[2] de'])
    })

    it('mixes no lines of groups, nor halves of characters', async () => {
      const many = ['flood=1000', 'bytes=c3', 'wait=30', 'bytes=a9e2', 'wait=30', 'bytes=82ac0a']
      const groups = new Groups([...many, '--', ...many, '--', ...many])
      await groups.ended
      for (const group of ['[1] ', '[2] ', '[3] ']) {
        const lines = groups.lines.filter((line) => line.startsWith(group))
        expect(lines).to.have.length(10_001)
        expect(new Set(lines)).to.deep.equal(new Set([`${group}${'x'.repeat(99)}`, `${group}é€`]))
      }
    })

    it('waits for a slow reader, and stops in time for one that does not read', async () => {
      const groups = new Groups(['flood=8000', '--', 'serve=0'])
      await groups.wrote(/port/)
      groups.child.stdout?.pause()
      await delay(300)
      groups.child.stdout?.resume()
      await groups.wrote(/group 1 ended with exit code 0/)
      expect(groups.lines.filter((line) => line === `[1] ${'x'.repeat(99)}`)).to.have.length(80_000)
      groups.kill('SIGTERM')
      await groups.ended

      const stuck = new Groups(['serve=0', 'flood=8000', '--', 'serve=0'])
      stuck.child.stdout?.once('data', () => stuck.child.stdout?.pause())
      await stuck.wrote(/Listening/, 2)
      stuck.kill('SIGTERM')
      await stuck.wrote(/"Stopped"/, 2)
      stuck.child.stdout?.resume()
      expect((await stuck.ended).code).to.equal(0)
      await stuck.gone()
    })

    it('stops all when its reader is gone', async () => {
      const { groups } = await serve(['serve=0', '--', 'serve=0', 'wait=200', 'flood=100'])
      groups.child.stdout?.destroy()
      expect((await groups.ended).code).to.equal(1)
      await groups.gone()
    })
  })

  describe('a group that ends', () => {
    it('starts again after a growing delay, of which it tells once, while the others go on', async () => {
      const { groups, ports } = await serve(['exit=3', '--', 'serve=0'])
      await groups.wrote(/starts again/, 2)
      const told = groups.lines.filter((line) => line.startsWith('tribind: '))
      expect(told.slice(0, 2)).to.deep.equal([
        'tribind: group 1 ended with exit code 3, and starts again in 0.5 s',
        'tribind: group 1 ended with exit code 3, and starts again in 1 s',
      ])
      expect(await ask(ports[0])).to.equal(`${groups.pids[0]}`)
      process.kill(groups.pids[0] as number, 'SIGKILL')
      await groups.wrote(/group 2 was ended by SIGKILL, and starts again in 0.5 s/)
      expect(await ask((await groups.wrote(/port (\d+)/, 2))[1])).to.equal(`${groups.pids[1]}`)
      groups.kill('SIGTERM')
      // Also while one waits for the next start.
      expect(await groups.ended).to.deep.equal({ code: 0, signal: null })
      await groups.gone()
    })

    it('has delays from 0.5 s to 30 s', () => {
      let delayMs = 0
      const delays = Array.from({ length: 8 }, () => (delayMs = nextDelay(delayMs, 100)))
      expect(delays).to.deep.equal([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
      expect(nextDelay(30_000, 30_000)).to.equal(500)
      expect(nextDelay(30_000, 29_999)).to.equal(30_000)
    })

    it('stops all with --no-restart when it fails, and says how', async () => {
      const groups = new Groups(['--no-restart', 'serve=0', '--', 'wait=0', '--', 'wait=500', 'exit=7'])
      expect(await groups.ended).to.deep.equal({ code: 7, signal: null })
      expect(groups.output).to.contain('tribind: group 2 ended with exit code 0\n')
      expect(groups.output).to.contain('tribind: group 3 ended with exit code 7\n').and.contain('"Stopped"')
      await groups.gone()

      const killed = new Groups(['--no-restart', 'wait=0', '--', 'die=SIGKILL'])
      expect((await killed.ended).code).to.equal(137)
    })

    it('stops all where its arguments are wrong, since they stay so', async () => {
      const { groups } = await serve(['serve=0', '--', 'wait=500', 'exit=2'])
      expect((await groups.ended).code).to.equal(2)
      await groups.gone()
    })
  })

  describe('signals', () => {
    it('stop as gracefully as without groups', async () => {
      const { groups, ports } = await serve(['serve=800', '--', 'serve=800', '--', 'leave=60'])
      const answers = Promise.all(ports.map(ask))
      await groups.wrote(/asked/, 2)
      groups.kill('SIGTERM')
      expect(await answers).to.have.members(groups.pids.map(String))
      expect(await groups.ended).to.deep.equal({ code: 0, signal: null })
      await groups.gone()
    })

    it('stop at once by a Ctrl-C on a terminal after another', async () => {
      const { groups, ports } = await serve(['serve=900', '--', 'serve=30000'], (words) => Groups.onTerminal(words))
      const answers = Promise.allSettled(ports.map(ask))
      await groups.wrote(/asked/, 2)
      groups.child.stdin?.write('\x03')
      await groups.wrote(/"Stopping"/, 2)
      await delay(200)
      groups.child.stdin?.write('\x03')
      expect((await groups.ended).code).to.equal(130)
      await groups.gone()
      expect((await answers).map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    })

    it('answer what was asked after one Ctrl-C on a terminal', async () => {
      const { groups, ports } = await serve(['serve=800', '--', 'serve=800'], (words) => Groups.onTerminal(words))
      const answers = Promise.all(ports.map(ask))
      await groups.wrote(/asked/, 2)
      groups.child.stdin?.write('\x03')
      expect(await answers).to.have.members(groups.pids.map(String))
      expect((await groups.ended).code).to.equal(0)
      await groups.gone()
    })

    it('SIGHUP reaches all groups that have begun', async () => {
      const groups = new Groups(['hup', 'serve=0', '--', 'hup', 'serve=0', '--', 'wait=200', 'exit=1'])
      await groups.wrote(/pid/)
      // At any moment, also while one starts.
      for (let times = 0; times < 100; times += 1) {
        groups.kill('SIGHUP')
        await delay(20)
      }
      await groups.wrote(/port/, 2)
      groups.kill('SIGHUP')
      await groups.wrote(/\[1\] read again/)
      await groups.wrote(/\[2\] read again/)
      expect(groups.output).not.to.contain('SIGHUP')
      groups.kill('SIGTERM')
      expect((await groups.ended).code).to.equal(0)
      await groups.gone()
    })

    it('end all during the start', async () => {
      for (const ms of [0, 30, 60, 100]) {
        const groups = new Groups(['say=a\n', 'serve=0', '--', 'say=a\n', 'serve=0'])
        // The last one after one of them listens to signals, while the other may be on the way.
        await (ms < 100 ? delay(ms * 5) : groups.wrote(/\] a/))
        groups.kill('SIGTERM')
        const { code, signal } = await groups.ended
        // The one is before the first process listens to signals, the other after that.
        expect(signal ?? code).to.be.oneOf(['SIGTERM', 0])
        await groups.gone()
      }
    })

    it('are not waited for longer than stopTimeout and a little', async () => {
      const { groups } = await serve(['ignore', '--', 'serve=0', '--', 'crash=7'])
      const pids = (await groups.wrote(/pid (\d+)/, 3)).map(Number)
      const stopped = Number(/\[2\] pid (\d+)/.exec(groups.output)?.[1])
      process.kill(stopped, 'SIGSTOP')
      const begun = performance.now()
      groups.kill('SIGTERM')
      expect((await groups.ended).code).to.equal(7)
      expect(performance.now() - begun).to.be.within(5000, 30_000)
      await groups.gone(pids)
      expect(groups.output).not.to.contain('starts again')
      expect(groups.output).to.match(/^\[1\] tribind: not stopped in 5 s, so it is ended$/m)
      expect(groups.output).to.match(/^tribind: group 2 has not stopped in 7 s, and is killed$/m)
    })
  })

  it('end after SIGKILL of the first process, whatever they are doing', async () => {
    const { groups, ports } = await serve([
      'serve=700',
      '--',
      'ignore',
      '--',
      'hang=300',
      '--',
      'exit=1',
      '--',
      'serve=0',
    ])
    await groups.wrote(/pid/, 4)
    process.kill(Number(/\[5\] pid (\d+)/.exec(groups.output)?.[1]), 'SIGSTOP')
    const pids = groups.pids
    const serving = /\[1\] .* port (\d+)/.exec(groups.output)?.[1]
    const answer = ask(serving)
    await groups.wrote(/asked/)
    await delay(300)
    groups.kill('SIGKILL')
    // What was asked is answered.
    expect(await answer).to.be.oneOf(pids.map(String))
    await groups.gone(pids)
    expect(ports).to.contain(serving)
  })

  it('says what is wrong with them before any of them runs', async () => {
    const problemOf = (...groups: string[][]) =>
      runGroups(groups, { restart: true }).catch((error: unknown) => (error as UsageError).message)
    expect(await problemOf(['-L', 'http://:0'], ['--no-restart'])).to.equal(
      '"--no-restart" is for all groups: write it before the first one',
    )
    expect(await problemOf(['--check', '-L', 'http://:0'], [])).to.equal(
      '"--check" doesn\'t go with "--": use it for one group at a time',
    )
  })
})
