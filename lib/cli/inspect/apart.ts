import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { inspect } from 'node:util'
import { TribindError } from '../../index.ts'
import { UsageError } from '../command.ts'
import { styleFor } from '../style.ts'
import { Output } from './output.ts'

/** Set in the environment of the process that loads the application. */
const MARK = 'TRIBIND_INSPECTS'

/** In that process: the standard output of the first. What the application writes to its own goes to standard error. */
const OUT = 3

/**
 * Runs a function in a process of its own, where an application is loaded: whatever it does there, nothing of it gets into the
 * output, and nothing of it is left.
 *
 * @param run returns the exit code
 */
export function runApart(run: (output: Output) => Promise<number>): Promise<number> {
  return process.env[MARK] === undefined ? runChild() : runHere(run)
}

/** The same command in another process. It ends with this one, since its channel closes. */
function runChild(): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env: { ...process.env, [MARK]: '1' },
    stdio: ['ignore', 2, 2, 1, 'ipc'],
  })
  const forward = (signal: NodeJS.Signals) => void child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, forward)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      for (const one of signals) process.off(one, forward)
      resolve(code ?? 128 + constants.signals[signal as NodeJS.Signals])
    })
  })
}

async function runHere(run: (output: Output) => Promise<number>): Promise<number> {
  // The processes that the application starts are no part of this.
  delete process.env[MARK]
  process.once('disconnect', () => process.exit(1))
  process.channel?.unref()
  const fail = (code: number) => {
    process.stderr.write(`tribind: the application ended this process with exit code ${code} while it was loaded\n`)
    process.exitCode = 1
  }
  process.once('exit', fail)
  const code = await run(new Output(OUT)).catch(tell)
  process.off('exit', fail)
  // Its timers and connections may keep the process.
  process.exit(code)
}

function tell(error: unknown): number {
  const isUsage = error instanceof UsageError
  const text = isUsage || error instanceof TribindError ? error.message : inspect(error)
  process.stderr.write(`${styleFor(process.stderr)('red', 'tribind:')} ${text}\n`)
  return isUsage ? 2 : 1
}
