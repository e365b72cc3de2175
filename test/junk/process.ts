import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { encodeMultipart, multipart } from '../feature/multipart-body.ts'
import type { Told } from './app.ts'
import type { Deed, Place } from './junk.ts'

const app = fileURLToPath(new URL('app.ts', import.meta.url))
const tsx = import.meta.resolve('tsx')
const form = encodeMultipart([
  { name: 'field', content: 'value' },
  { name: 'file', filename: 'file.txt', content: 'content' },
])

/** How long an answer may take on a busy machine, in milliseconds. */
const PATIENCE_MS = 5000

const paths: Partial<Record<Place, string>> = {
  init: '/controller',
  method: '/controller',
  shut: '/controller',
  status: '/status',
}

interface Got {
  readonly status: number | undefined
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** The server of app.ts in a process of its own, and a client that keeps its connection. */
export class JunkProcess {
  readonly faults: Extract<Told, { event: 'fault' }>[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'tribind-junk-'))
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  readonly #child: ChildProcess
  readonly #waiting = new Map<Told['event'], (told: Told) => void>()
  #stderr = ''
  #port = 0
  #session = ''

  private constructor() {
    // What a deed saves as a file is to go with its folder.
    const options = {
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'] as ['ignore', 'ignore', 'pipe', 'ipc'],
    }
    this.#child = spawn(process.execPath, [`--import=${tsx}`, '--conditions=source', app], options)
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()))
    this.#child.on('message', (told: Told) => {
      if (told.event === 'fault') this.faults.push(told)
      this.#waiting.get(told.event)?.(told)
    })
  }

  static async start(): Promise<JunkProcess> {
    const started = new JunkProcess()
    const { port } = await started.#told('ready', 15_000)
    started.#port = port
    return started
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** What the process wrote before it ended; nothing where it runs. */
  get lastWords(): string {
    return this.isRunning ? '' : `the process ended: ${this.#stderr.slice(-500)}`
  }

  /** What a handler reaches. */
  async targets() {
    await this.#login()
    const told = this.#told('targets')
    await this.#ask('POST', '/targets', {}, form)
    return (await told).targets
  }

  /** Sends a request for a deed; any end of it will do, but there must be one. */
  async send(deed: Deed): Promise<string | undefined> {
    if (deed.object.includes('session') || this.#session === '') await this.#login()
    const path = paths[deed.place] ?? '/handler/1?query=1'
    try {
      await this.#ask('POST', path, { 'x-junk': encodeURIComponent(JSON.stringify(deed)) }, form)
    } catch (error) {
      if (error === tooLate) return 'was never answered'
    }
    return undefined
  }

  /** What is wrong with the next request; `undefined` where it is answered as ever. */
  async check(): Promise<string | undefined> {
    try {
      const { status, headers, body } = await this.#ask('GET', '/ok')
      const isSeen = headers['set-cookie']?.some((line) => line.startsWith('seen=1;')) === true
      if (status === 200 && body === 'ok' && headers['x-ok'] === 'yes' && isSeen) return undefined
      return `the next request was answered ${status} ${JSON.stringify(body.slice(0, 100))}`
    } catch (error) {
      return `the next request was not answered: ${String(error)}`
    }
  }

  /** Waits for what may still come, and returns the names to which something was done. */
  async settle(): Promise<ReadonlySet<string>> {
    const told = this.#told('settled')
    this.#child.send('settle')
    return new Set((await told).acted)
  }

  stop(): void {
    this.#agent.destroy()
    this.#child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #login(): Promise<void> {
    const { headers } = await this.#ask('GET', '/login', { cookie: '' })
    this.#session = headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  }

  #told<E extends Told['event']>(event: E, timeoutMs = PATIENCE_MS): Promise<Extract<Told, { event: E }>> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`the process never told "${event}": ${this.lastWords}`))
      const timer = setTimeout(late, timeoutMs)
      this.#waiting.set(event, (told) => {
        clearTimeout(timer)
        resolve(told as Extract<Told, { event: E }>)
      })
    })
  }

  async #ask(method: string, path: string, headers: http.OutgoingHttpHeaders = {}, body?: Buffer): Promise<Got> {
    const options = {
      agent: this.#agent,
      host: '127.0.0.1',
      port: this.#port,
      method,
      path,
      headers: { cookie: this.#session, ...(body && { ...multipart, 'content-length': body.length }), ...headers },
    }
    const request = http.request(options)
    try {
      return await sendInTime(request, body)
    } catch (error) {
      // The server had closed the connection meanwhile, which it may.
      if (!request.reusedSocket || method !== 'GET' || error === tooLate) throw error
      return sendInTime(http.request({ ...options, agent: false }), body)
    }
  }
}

const tooLate = new Error(`no answer within ${PATIENCE_MS} ms`)

function sendInTime(request: http.ClientRequest, body: Buffer | undefined): Promise<Got> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => request.destroy(tooLate), PATIENCE_MS)
    request.on('close', () => clearTimeout(timer))
    request.on('error', reject)
    request.on('response', (response) => {
      const { statusCode: status, headers } = response
      // A stream of events ends when its client leaves.
      if (headers['content-type']?.startsWith('text/event-stream')) request.destroy()
      text(response).then(
        (body) => resolve({ status, headers, body }),
        (error: unknown) => reject(request.errored ?? error),
      )
    })
    request.end(body)
  })
}
