import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a process of `tribind` has ended with. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The program as it is packed; `npm test` builds it before, and so does `node build.mjs --code`. */
export const bin: string = fileURLToPath(new URL('../../bin/tribind.mjs', import.meta.url))

/** Runs `tribind` to its end, which must come within 60 s. */
export function tribind(args: readonly string[], cwd?: string, env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [bin, ...args],
      { cwd, env: { ...process.env, ...env }, timeout: 60_000 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
      },
    )
  })
}
