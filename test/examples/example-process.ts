import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** An application of examples/ in a process of its own, started as `npm start` does, on a free port. */
export class ExampleProcess {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  /** @param env variables beside those of this process */
  static async start(example: string, env: Readonly<Record<string, string>> = {}): Promise<ExampleProcess> {
    // What `npm start` runs, without npm around it: npm doesn't pass on a signal that it alone is sent.
    const child = spawn('node_modules/.bin/tsx', [`examples/${example}/main.ts`], {
      cwd: ROOT,
      env: { ...process.env, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return new ExampleProcess(child, await announcedPort(child))
  }

  /** Does what Ctrl-C does, and gives the exit code. */
  async interrupt(): Promise<number | null> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGINT')
    const [code] = (await exited) as [number | null]
    return code
  }
}

/** The port that an example says it listens on. */
export function announcedPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1]
      if (port) resolve(Number(port))
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`exit code ${code} before an address was announced: ${output}`)))
  })
}
