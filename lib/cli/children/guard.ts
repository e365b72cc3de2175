import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'

/**
 * Reads how many seconds the process may take, which the last line says, and kills it that much after the end of the lines, unless the
 * last one says that it is over.
 */
const guardScript = `
while read -r line; do seconds=$line; done
while [ "$seconds" -gt 0 ] && kill -s 0 "$0" 2>/dev/null; do sleep 1; seconds=$((seconds - 1)); done
[ "$seconds" -ge 0 ] && kill -s KILL "$0" 2>/dev/null`

/**
 * A small process that kills a child some time after this process has died, in case the child can't end itself: it hangs, or is
 * stopped. Where there is no shell, nothing does.
 */
export class Guard {
  readonly #input: Writable | null | undefined

  constructor(pid: number | undefined, killAfterMs: number) {
    const child = spawn('/bin/sh', ['-c', guardScript, String(pid)], {
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    child.on('error', () => {}).unref()
    this.#input = child.stdin
    this.#input?.on('error', () => {})
    this.allow(killAfterMs)
  }

  allow(killAfterMs: number): void {
    this.#input?.write(`${Math.ceil(killAfterMs / 1000)}\n`)
  }

  dismiss(): void {
    this.#input?.end('-1\n')
  }
}
