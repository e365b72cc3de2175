import { spawn } from 'node:child_process'
import { childVariable } from '../children/child-message.ts'
import { Child } from '../children/child.ts'
import { supervise } from '../children/supervise.ts'
import { type RunGroups, UsageError } from '../command.ts'

/** What ends by itself, which makes no group. */
const oneTime = new Set(['--check', '-O', '--help', '--version'])

/**
 * Runs each group of arguments in a process of its own, and starts again those that fail; without `restart`, all are stopped when one
 * fails. A group that ends with exit code 0 has done its work: it isn't started again, and the others go on. Code 2, a command line
 * that can't be understood, stops all.
 *
 * @returns the exit code: that of the first group that failed and was not started again, else 0
 * @throws UsageError
 */
export const runGroups: RunGroups = async (groups, { restart }) => {
  groups.forEach(checkGroup)
  const children = groups.map((group, index) => startGroup(group, index + 1, restart))
  return supervise({
    children: () => children,
    hangUp: () => children.forEach((child) => child.hangUp()),
    whenOver: whenAllOver(children),
  })
}

function checkGroup(group: readonly string[]): void {
  if (group.includes('--no-restart'))
    throw new UsageError('"--no-restart" is for all groups: write it before the first one')
  const wrong = group.find((arg) => oneTime.has(arg))
  if (wrong !== undefined) throw new UsageError(`"${wrong}" doesn't go with "--": use it for one group at a time`)
}

function startGroup(group: readonly string[], number: number, restarts: boolean): Child {
  return new Child({ name: `group ${number}`, prefix: `[${number}] `, restarts, start: () => startTribind(group) })
}

/** Starts this program, from its build or its sources, whatever this process is. */
function startTribind(args: readonly string[]) {
  return spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...args], {
    env: { ...process.env, [childVariable]: '1' },
    stdio: ['inherit', 'pipe', 'pipe', 'ipc'],
  })
}

async function whenAllOver(children: readonly Child[]): Promise<number> {
  let exitCode = 0
  await Promise.all(
    children.map(async (child) => {
      const code = await child.whenOver
      if (code === 0 || exitCode !== 0) return
      exitCode = code
      for (const other of children) void other.stop()
    }),
  )
  return exitCode
}
