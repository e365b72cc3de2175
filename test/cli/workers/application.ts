import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bin } from '../tribind.ts'

/** A record of the log. */
interface LogRecord {
  readonly level: string
  readonly message: string
  readonly address?: string
  readonly entryPoint?: string
  readonly component?: string
  readonly pid?: number
}

/** What a worker of test/cli/workers/app.mjs says of itself. */
export interface WorkerInfo {
  readonly pid: number
  readonly scope?: { readonly worker: number; readonly workers: number }
  readonly version: number
}

/** `tribind run` of test/cli/workers/app.mjs, in one process or several. */
export class Application {
  readonly child: ChildProcess
  output = ''
  readonly whenEnded: Promise<number | null>

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}, module = './app.mjs') {
    const file = fileURLToPath(new URL(module, import.meta.url))
    this.child = spawn(process.execPath, [bin, 'run', file, ...args], {
      env: { ...process.env, LOG_LEVEL: 'info', ...env },
    })
    // The log goes to standard error.
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (data: Buffer) => (this.output += data.toString()))
    this.whenEnded = once(this.child, 'close').then(([code]) => code as number | null)
  }

  /** Resolves when each of its workers serves. */
  static async start(workers: number, env: NodeJS.ProcessEnv = {}): Promise<Application> {
    const application = new Application(['--workers', String(workers)], env)
    await application.until(() => application.servings.length >= workers)
    return application
  }

  get records(): readonly LogRecord[] {
    const lines = this.output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
    return lines.map((line) => JSON.parse(line) as LogRecord)
  }

  /** The processes of the workers, in the order in which they came to serve. */
  get servings(): readonly number[] {
    return this.records.flatMap(({ message, pid }) => (/^Worker \d+ serves$/.test(message) ? (pid ?? 0) : []))
  }

  portOf(entryPoint: string): number {
    const record = this.records.find((one) => one.entryPoint === entryPoint && one.message.startsWith('Listening'))
    return Number(record?.address?.split(':').at(-1))
  }

  /** Waits, for 60 s at most, until something is so. */
  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    const limit = performance.now() + 60_000
    while (!(await isSo())) {
      if (performance.now() > limit || this.child.exitCode !== null)
        throw new Error(`it never came to be; the output was\n${this.output}`)
      await setTimeout(20)
    }
  }

  /** Sends a request on a connection of its own. */
  async send(
    path: string,
    { body, port = this.portOf('web') }: { body?: unknown; port?: number } = {},
  ): Promise<string> {
    const sent = request({ port, host: '127.0.0.1', path, agent: false, method: body === undefined ? 'GET' : 'POST' })
    if (body !== undefined) sent.setHeader('content-type', 'application/json')
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    const [response] = await once(sent, 'response')
    return text(response)
  }

  async json<T>(path: string, options: { body?: unknown; port?: number } = {}): Promise<T> {
    return JSON.parse(await this.send(path, options)) as T
  }

  /** Returns one answer of each worker to the same request, by what tells them apart. */
  async ofEach<T>(path: string, workers: number, idOf: (answer: T) => unknown): Promise<T[]> {
    const answers = new Map<unknown, T>()
    await this.until(async () => {
      const answer = await this.json<T>(path)
      answers.set(idOf(answer), answer)
      return answers.size >= workers
    })
    return [...answers.values()]
  }

  /** Tells it to stop, and returns its exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM')
    return this.whenEnded
  }
}
