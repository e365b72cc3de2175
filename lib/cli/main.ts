import { readFileSync } from 'node:fs'
import { ownFolder, suggestName } from '../kit.ts'
import { endWithParent } from './children/end-with-parent.ts'
import { UsageError } from './command.ts'
import { commands } from './commands.ts'

/**
 * Runs `tribind`. Returns the exit code: 0 where all went well, 1 where something failed, 2 where the command line can't be understood.
 *
 * @param args those behind the name of the program
 */
export async function main(args: readonly string[]): Promise<number> {
  endWithParent()
  try {
    return await runCommand(args)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`tribind: ${error.message}\n`)
    return 2
  }
}

async function runCommand([name = '--help', ...rest]: readonly string[]): Promise<number> {
  if (name === '--version') {
    process.stdout.write(`${readVersion()}\n`)
    return 0
  }
  const load = commands[name]
  if (load === undefined)
    throw new UsageError(`there is no command "${name}"${suggestName(name, Object.keys(commands))}`)
  return (await load()).run(rest)
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(`${ownFolder}../package.json`, 'utf8')) as { version: string }
  return version
}
