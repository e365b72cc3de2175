// What the tests of groups run: groups as `tribind` has them, and in each of them what its words say, one after another.
import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { Server } from '../../../lib/index.ts'
import { endWithParent } from '../../../lib/cli/children/end-with-parent.ts'
import { runGroups } from '../../../lib/cli/groups/run-groups.ts'
import { UsageError } from '../../../lib/cli/command.ts'

const actions: Record<string, (value: string) => unknown> = {
  say: (text) => process.stdout.write(text),
  warn: (text) => process.stderr.write(text),
  /** Bytes in hexadecimal digits. */
  bytes: (digits) => process.stdout.write(Buffer.from(digits, 'hex')),
  flood: (kilobytes) => process.stdout.write(`${'x'.repeat(99)}\n`.repeat(Number(kilobytes) * 10)),
  wait: (ms) => delay(Number(ms)),
  exit: (code) => process.exit(Number(code)),
  die: (signal) => process.kill(process.pid, signal),
  /** Answers after the given time. */
  serve: async (ms) => {
    const server = new Server({ port: 0, stopTimeout: 1000 })
    server.get('/', async () => {
      process.stdout.write('asked\n')
      await delay(Number(ms))
      return `${process.pid}`
    })
    server.registerSignalHook()
    await server.start()
    process.stdout.write(`pid ${process.pid} port ${server.addresses[0]?.split(':').pop()}\n`)
  },
  /** Keeps running, whatever signal comes. */
  ignore: () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
    new Server({ stopTimeout: 0 }).registerSignalHook()
    setInterval(() => {}, 1000)
    process.stdout.write(`pid ${process.pid}\n`)
  },
  /** Never comes back to the event loop after some milliseconds. */
  hang: (ms) => {
    new Server({ stopTimeout: 0 }).registerSignalHook()
    process.stdout.write(`pid ${process.pid}\n`)
    setTimeout(() => {
      // Asleep, since there is nothing to compute.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    }, Number(ms))
  },
  /** Fails when it is asked to stop. */
  crash: (code) => {
    process.on('SIGTERM', () => process.exit(Number(code)))
    setInterval(() => {}, 1000)
    process.stdout.write(`pid ${process.pid}\n`)
  },
  hup: () => void process.on('SIGHUP', () => process.stdout.write('read again\n')),
  /** Leaves a process behind that holds the output. */
  leave: (seconds) => spawn('sleep', [seconds], { stdio: 'inherit' }).unref(),
}

endWithParent()
const words = process.argv.slice(2)
if (words.includes('--')) {
  const restart = words[0] !== '--no-restart'
  process.exitCode = await runGroups(splitGroups(restart ? words : words.slice(1)), { restart }).catch(
    (error: unknown) => {
      if (!(error instanceof UsageError)) throw error
      process.stderr.write(`${error.message}\n`)
      return 2
    },
  )
} else {
  for (const word of words) {
    const [name = '', value = ''] = word.split(/=(.*)/s)
    await actions[name]?.(value)
  }
}

function splitGroups(all: readonly string[]): string[][] {
  const groups: string[][] = [[]]
  for (const word of all) {
    if (word === '--') groups.push([])
    else groups.at(-1)?.push(word)
  }
  return groups
}
