import { expect } from 'chai'
import type { FailedCommand } from '../../../../lib/entrypoint/commands/command-failure.ts'
import {
  type CommandsByEvent,
  commandRows,
  type ReadCommands,
} from '../../../../lib/entrypoint/commands/command-options.ts'
import { Commands } from '../../../../lib/entrypoint/commands/commands.ts'
import { defineOptions } from '../../../../lib/options/define-options.ts'
import { collectingLogger, type Entry, gate, inTime, rejected, turns, until } from '../../../feature/both-ways.ts'
import { isRunning } from '../../../feature/is-running.ts'

const table = defineOptions<CommandsByEvent, ReadCommands>(commandRows)

const entryPoint = {
  name: 'web',
  addresses: [],
  labels: {},
  status: () => ({ createTime: 0, state: 'ready' as const, events: [] }),
}

/** What a test works with: commands, what they logged, and when they can't go on. */
class World {
  readonly log: Entry[] = []
  readonly commands: Commands
  readonly stopping = new AbortController()

  constructor(given: CommandsByEvent) {
    this.commands = new Commands(
      { entryPoint, callHook: async (call) => void (await call()) },
      table.parse(given),
      collectingLogger(this.log),
    )
  }

  run(event: 'preUp' | 'postUp' | 'preDown' | 'postDown' = 'preUp'): Promise<FailedCommand | undefined> {
    return this.commands.run(event, '127.0.0.1:8080', this.stopping.signal)
  }

  get lines(): string[] {
    return this.log.map(({ level, message }) => `${level}: ${message}`)
  }

  /** The number of a process that a command has printed. */
  async printedPid(): Promise<number> {
    await until(() => this.log.some(({ message }) => /^\d+$/.test(message)), 'a number was printed')
    return Number(this.log.find(({ message }) => /^\d+$/.test(message))?.message)
  }
}

async function runAll(given: CommandsByEvent['preUp']): Promise<World> {
  const world = new World({ preUp: given as never })
  await world.run()
  return world
}

/** A process that ignores a request to end, and tells its number. */
const stubborn = `trap '' TERM; echo $$; while :; do sleep 0.05; done`

describe('commands', function () {
  this.timeout(30_000)

  describe('run', () => {
    it('one after another, whatever they are', async () => {
      const calls: unknown[] = []
      const { lines } = await runAll([
        `sh -c 'sleep 0.05; echo "a  b"'`,
        ['echo', 'c  $HOME'],
        async (entryPoint: unknown) => {
          await new Promise((resolve) => setTimeout(resolve, 20))
          calls.push(entryPoint)
        },
        { run: 'echo d | tr d e; exit 0', shell: true },
        { run: () => void calls.push('last') },
      ] as never)
      expect(lines).to.deep.equal(['info: a  b', 'info: c  $HOME', 'info: e'])
      expect(calls).to.deep.equal([entryPoint, 'last'])
    })

    it('at most once for each event', async () => {
      const world = new World({ preUp: 'echo up', postDown: 'echo down' })
      await world.run('preUp')
      await Promise.all([world.run('postDown'), world.run('postDown')])
      await world.run('preUp')
      await world.run('postUp')
      expect(world.lines).to.deep.equal(['info: up', 'info: down'])
    })

    it('with their entry point, its address and the event in the environment, beside that of the process', async () => {
      const { lines } = await runAll({
        run: 'echo "$TRIBIND_ENTRY_POINT $TRIBIND_ADDRESS $TRIBIND_EVENT"; [ "$PATH" ] && echo path',
        shell: true,
      })
      expect(lines).to.deep.equal(['info: web 127.0.0.1:8080 preUp', 'info: path'])
    })

    it('without standard input', async () => {
      expect((await runAll(['cat', `sh -c 'read -r line || echo none'`])).lines).to.deep.equal(['info: none'])
    })
  })

  describe('log their output', () => {
    it('line by line: info for stdout, warn for stderr, with where it comes from', async () => {
      const { log } = await runAll([['sh', '-c', 'echo a; echo; printf "b\\r\\nc"; sleep 0.1; echo d >&2']])
      const fields = {
        entryPoint: 'web',
        event: 'preUp',
        command: String.raw`sh -c "echo a; echo; printf \"b\\r\\nc\"; sleep 0.1; echo d >&2"`,
      }
      expect(log.filter(({ level }) => level === 'info').map(({ message }) => message)).to.deep.equal([
        'a',
        '',
        'b',
        'c',
      ])
      expect(log.filter(({ level }) => level === 'warn').map(({ message }) => message)).to.deep.equal(['d'])
      for (const entry of log) expect(entry.fields).to.deep.equal(fields)
    })

    it('as UTF-8, with replacement characters for what is invalid, also where it comes in pieces', async () => {
      const { lines } = await runAll(
        String.raw`sh -c 'printf "\303"; sleep 0.05; printf "\251 \377\360\237\n\360\237\230"; sleep 0.05; printf "\200"'`,
      )
      expect(lines).to.deep.equal(['info: é \ufffd\ufffd', 'info: 😀'])
    })

    it('long lines in several records of at most 8,192 characters', async () => {
      const { log } = await runAll([[process.execPath, '-e', `process.stdout.write('😀'.repeat(50_000)+'\\nend')`]])
      const messages = log.map(({ message }) => message)
      expect(messages.pop()).to.equal('end')
      expect(messages.join('')).to.equal('😀'.repeat(50_000))
      for (const message of messages) expect([...message].length).to.be.at.most(8192)
    })

    it('also of a flood, whole', async () => {
      const { log } = await runAll('seq 100000')
      expect(log.map(({ message }) => message)).to.deep.equal(Array.from({ length: 100_000 }, (_, i) => String(i + 1)))
    })

    it('also of what is left in the background', async () => {
      const world = await runAll([{ run: `(sleep 0.4; printf 'late\\nlater'; sleep 60) & echo soon`, shell: true }])
      expect(world.lines).to.deep.equal(['info: soon'])
      await until(() => world.lines.length > 1, 'it has printed')
      await world.commands.end()
      expect(world.lines).to.deep.equal(['info: soon', 'info: late', 'info: later'])
    })
  })

  describe('that fail', () => {
    for (const [name, command, message, end, level = 'warn'] of [
      ['with an exit code', `sh -c 'exit 3'`, 'command "sh -c \'exit 3\'" ended with exit code 3', [3, null]],
      ['by a signal', `sh -c 'kill -KILL $$'`, 'was ended by SIGKILL', [null, 'SIGKILL']],
      ['in a shell', { run: 'nope 2>/dev/null', shell: true }, 'ended with exit code 127', [127, null]],
      [
        'since they are not there',
        'no-such-program a',
        'could not be started (ENOENT): there is no such program',
        [null, null],
      ],
      ['since they may not run', '/etc/passwd', 'could not be started (EACCES)', [null, null]],
      [
        'since they take too long',
        { run: 'sleep 60', timeout: 50 },
        'command "sleep 60" took longer than its timeout of 50 ms',
        [null, 'SIGTERM'],
      ],
    ] as const) {
      it(`${name} are logged, and the next one runs`, async () => {
        const { log } = await runAll([command, 'echo next'])
        expect(log).to.have.length(2)
        const [failed, next] = log as [Entry, Entry]
        expect(failed.message)
          .to.match(/^preUp of entry point "web": /)
          .and.include(message)
        expect(failed.level).to.equal(level)
        const { fields } = failed as { fields?: { exitCode: unknown; signal: unknown; command: string } }
        expect([fields?.exitCode, fields?.signal]).to.deep.equal(end)
        expect(fields).to.include({ entryPoint: 'web', event: 'preUp' })
        expect(next.message).to.equal('next')
      })

      it(`${name} are returned under abort, and the next one doesn't run`, async () => {
        const options = typeof command === 'string' ? { run: command } : command
        const world = new World({ preUp: [{ ...options, onFailure: 'abort' }, 'echo next'] })
        const failed = await world.run()
        expect(failed?.command).to.equal(options.run)
        expect(failed?.message)
          .to.match(/^preUp of entry point "web": /)
          .and.include(message)
        expect([failed?.exitCode, failed?.signal]).to.deep.equal(end)
        expect(world.lines).to.deep.equal([`error: ${failed?.message}`])
      })
    }

    it('say what an array of words looks like if an array of texts names no program', async () => {
      const { lines } = await runAll(['echo', 'a b', 'no-such'])
      expect(lines.slice(1).join('\n')).to.match(/"a b" .*\[\["ls", "-l"\]\]\n.*"no-such" .*\[\["ls", "-l"\]\]$/)
      expect((await runAll([['no-such-program', 'a']])).lines.join('\n')).to.not.include('ls')
    })

    for (const run of ['ls no-such-file | wc', 'cd /'])
      it(`say that no shell runs a text that is meant for one: ${run}`, async () => {
        const advice = '; no shell runs it, set "shell: true" beside "run" for what only a shell does'
        const { lines } = await runAll([run, 'echo next'])
        expect(lines.at(-2)?.slice(-advice.length)).to.equal(advice)
        const { lines: inShell } = await runAll([{ run: `${run}; exit 3`, shell: true }])
        expect(inShell.at(-1)).to.match(/ended with exit code 3$/)
      })

    it('functions too: what one throws is the cause', async () => {
      const cause = new Error('not today')
      async function warmUp() {
        throw cause
      }
      const { log } = await runAll([warmUp, 'echo next'])
      expect(log.map(({ message }) => message)).to.deep.equal([
        'preUp of entry point "web": function "warmUp" threw: not today',
        'next',
      ])
      expect(log[0]?.fields).to.include({ command: 'warmUp', error: cause, exitCode: null, signal: null })
      const failed = await new World({ postUp: { run: warmUp, onFailure: 'abort' } }).run('postUp')
      expect(failed).to.include({ failure: 'ERR_TRIBIND_COMMAND_THREW', cause })
    })

    it('functions that throw what is no error', async () => {
      const { lines } = await runAll(() => {
        // eslint-disable-next-line no-throw-literal
        throw Object.create(null)
      })
      expect(lines).to.deep.equal(['warn: preUp of entry point "web": a function threw: [Object: null prototype] {}'])
    })

    it('functions that take too long are no longer waited for, and may fail later', async () => {
      const { opened, open } = gate()
      const slow = { run: () => opened.then(() => Promise.reject(new Error('late'))), timeout: 20 }
      const { lines } = await runAll([slow, 'echo next'])
      expect(lines[0]).to.match(/took longer than its timeout of 20 ms$/)
      expect(lines).to.have.length(2)
      open()
      await turns()
    })
  })

  describe('leave no orphan', () => {
    it('when they take too long: what they started and ignores the request to end is killed', async () => {
      const world = new World({
        preUp: { run: `sh -c "${stubborn.replaceAll('$', '\\$')}" & wait`, shell: true, timeout: 200 },
      })
      const started = performance.now()
      const running = world.run()
      const pid = await world.printedPid()
      expect(isRunning(pid)).to.equal(true)
      await running
      expect(isRunning(pid)).to.equal(false)
      expect(performance.now() - started).to.be.within(5000, 7000)
    })

    it('when they take too long and end in time: they are not killed', async () => {
      const script = `trap 'echo ending; exit 7' TERM; echo begun; while :; do sleep 0.05; done`
      const { log, lines } = await runAll({ run: script, shell: true, timeout: 300 })
      expect(lines.filter((line) => line.startsWith('info'))).to.deep.equal(['info: begun', 'info: ending'])
      expect(log.at(-1)?.fields).to.include({ exitCode: 7, signal: null })
    })

    it('when they fail: what they started is ended', async () => {
      const world = new World({ preUp: { run: 'sleep 60 & echo $!; exit 1', shell: true } })
      const running = world.run()
      const pid = await world.printedPid()
      await running
      expect(isRunning(pid)).to.equal(false)
      expect(world.lines.at(-1)).to.include('exit code 1')
    })

    it('in the end: what they left in the background goes on until then', async () => {
      const world = new World({
        preUp: { run: 'sleep 60 >/dev/null 2>&1 & echo $!', shell: true },
        postDown: 'echo down',
      })
      await world.run()
      const pid = await world.printedPid()
      await world.run('postDown')
      expect(isRunning(pid)).to.equal(true)
      await inTime(world.commands.end(), 'it has ended')
      expect(isRunning(pid)).to.equal(false)
    })
  })

  describe('when the signal is aborted', () => {
    it('are ended, and the rest does not run', async () => {
      const world = new World({ preUp: [{ run: 'sleep 60 & echo $!; wait', shell: true }, 'echo next'] })
      const running = rejected(world.run())
      const pid = await world.printedPid()
      world.stopping.abort()
      expect(await inTime(running, 'it has ended')).to.equal(world.stopping.signal.reason)
      expect(isRunning(pid)).to.equal(false)
      expect(world.lines.at(-1)).to.match(/was ended by a stop of the server$/)
      expect(world.log.at(-1)?.fields).to.include({ signal: 'SIGTERM' })
    })

    it('functions are waited for a little', async () => {
      const { opened, open } = gate()
      const world = new World({ preUp: [() => opened, 'echo next'] })
      const running = rejected(world.run())
      world.stopping.abort()
      let isOver = false
      void running.then(() => (isOver = true))
      await turns()
      expect(isOver).to.equal(false)
      open()
      await inTime(running, 'it is over')
      expect(world.lines).to.have.length(1)
    })

    it('before, do not run at all', async () => {
      const world = new World({ preUp: 'echo a' })
      world.stopping.abort()
      expect(await rejected(world.run())).to.equal(world.stopping.signal.reason)
      expect(world.lines).to.deep.equal([])
    })
  })
})
