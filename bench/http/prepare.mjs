// What must be there before anything is measured: the peers' packages, and tribind as it ships.

import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Installs a bench folder's packages where they are missing or older than the lock file. */
export function installPeers(folder = here) {
  const installed = `${folder}node_modules/.package-lock.json`
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${folder}package-lock.json`).mtimeMs) return
  runNpm(folder, ['ci', '--no-audit', '--no-fund'])
}

export function buildTribind() {
  runNpm(root, ['run', 'build'])
}

/** npm talks to stderr, as all of the benchmark but its table does. */
function runNpm(folder, args) {
  console.error(`npm ${args.join(' ')} in ${folder}`)
  const { error, status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] })
  if (error) throw error
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${folder}`)
}
