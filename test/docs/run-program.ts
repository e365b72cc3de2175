import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))

/** What a program writes. */
export interface Output {
  readonly stdout: string
  readonly stderr: string
}

/** Runs the code of a page in a process of its own, where it imports the package by its name; fails if that does. */
export async function runProgram(code: string, logLevel = 'warn'): Promise<Output> {
  const file = `${here}/.program-${randomUUID()}.ts`
  await writeFile(file, `${code}\nexport {}\n`)
  try {
    const options = { cwd: `${here}/../..`, env: { ...process.env, LOG_LEVEL: logLevel }, timeout: 20_000 }
    return await promisify(execFile)(process.execPath, ['--import=tsx', file], options)
  } finally {
    await rm(file)
  }
}

/** What the code says that it prints: in a comment behind each `console.log`. */
export function promisedOutput(code: string): Output {
  const lines = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, line]) => `${line}\n`)
  return { stdout: lines.join(''), stderr: '' }
}
