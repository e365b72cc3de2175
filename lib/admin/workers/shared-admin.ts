import { timingSafeEqual } from 'node:crypto'
import type { Middleware, Request, Server } from '../../index.ts'
import { isObject, type Member, type WorkerScope } from '../../kit.ts'
import { listFor } from '../list.ts'
import { mergeAnswers } from './merge-answers.ts'

/** What one worker asks the administrations of the others. */
const TOPIC = 'administration'

/** By which a request is known to come from another worker. */
const FIELD = 'x-tribind-worker'

/** What all workers are asked for; all else is the same in each. */
const shared =
  /^\/(api\/(overview|version|entrypoints|routes|services|middlewares|layers|providers|observers|history)|config(\/services(\/[^/]+)?)?$|metrics$|health\/ready$)/

/** What one worker answers another. */
interface Answer {
  readonly status: number
  readonly text: string
}

/** Joins the answers of all workers, whichever is asked. */
export class SharedAdmin {
  readonly #member: Member
  readonly #prefix: string
  /** Joins what the metrics of several workers are, as data. */
  mergeMetrics: (all: readonly unknown[]) => Promise<string> = async () => ''

  /** @param prefix what all paths begin with */
  constructor(member: Member, prefix: string) {
    this.#member = member
    this.#prefix = prefix
  }

  /** What this worker is. */
  get scope(): WorkerScope {
    return this.#member.scope
  }

  /** Whether it answers for all workers. */
  get isJoined(): boolean {
    return this.#member.isJoined
  }

  get isLeader(): boolean {
    return this.#member.isLeader
  }

  get secret(): Buffer {
    return this.#member.secret
  }

  /** Sends something to all workers, this one included, and returns what each makes of it. */
  tell(topic: string, data?: unknown): Promise<readonly unknown[]> {
    return this.#member.ask(`${TOPIC} ${topic}`, data)
  }

  /** Sets what a worker makes of what is sent by `tell`. */
  onTold(topic: string, take: (data: unknown) => unknown): void {
    this.#member.answer(`${TOPIC} ${topic}`, take)
  }

  /** Answers the other workers by a server. */
  answerBy(server: Server): void {
    this.#member.answer(TOPIC, async (url): Promise<Answer> => {
      const answer = await server.inject({
        url: this.#prefix + (url as string),
        headers: { [FIELD]: this.#member.secret.toString('hex') },
      })
      return { status: answer.status, text: answer.text() }
    })
  }

  /** Whether a request comes from another worker, which has checked who sent it. */
  isFromWorker(request: Request): boolean {
    const sent = Buffer.from(request.header(FIELD) ?? '', 'hex')
    const { secret } = this.#member
    return secret.length > 0 && sent.length === secret.length && timingSafeEqual(sent, secret)
  }

  /** Puts the answer of all workers in the place of that of this one. */
  readonly gather: Middleware = async (request, next) => {
    await next()
    const path = (request.url.split('?', 1)[0] ?? '').slice(this.#prefix.length)
    const isGet = request.method === 'GET' || request.method === 'HEAD'
    const isReady = path === '/health/ready'
    const isServed = request.response.status === 200 || isReady
    if (!isGet || !shared.test(path) || !isServed || !this.#member.isJoined || this.isFromWorker(request)) return
    const of = path.startsWith('/api/providers') ? 'leader' : 'all'
    const answers = await this.#ask(`${path}?${unpaged(request)}`, of)
    if (isReady) return answerReadiness(request, answers)
    const values = answers.flatMap(({ status, text }) => (status === 200 ? [JSON.parse(text) as unknown] : []))
    if (values.length > 0) await this.#write(request, path, values)
  }

  async #ask(url: string, of: 'all' | 'leader'): Promise<readonly Answer[]> {
    return (await this.#member.ask(TOPIC, url, of)) as readonly Answer[]
  }

  async #write(request: Request, path: string, values: readonly unknown[]): Promise<void> {
    const { response } = request
    const text = path === '/metrics' ? await this.mergeMetrics(values) : undefined
    response.clearBuffer()
    if (text !== undefined) return response.write(text)
    const merged = mergeAnswers(values)
    response.writeJson(Array.isArray(merged) ? listFor(request, merged, columns) : merged)
  }
}

/** The other workers have searched already. */
const columns = {
  texts: (): readonly string[] => [],
  status: (row: unknown): string => statusOf(row) ?? '',
}

/** Of rows as they are shown: of entry points, it lies in their status, and observers have none but an error. */
function statusOf(row: unknown): string | undefined {
  const { status, state, lastError, pending } = row as Readonly<Record<string, unknown>>
  if (isObject(status)) return (status as { readonly state?: string }).state
  if (pending !== undefined) return lastError === undefined ? 'ok' : 'failed'
  return (status ?? state) as string | undefined
}

/** Pages and states are of all rows of all workers. */
function unpaged(request: Request): string {
  const query = new URLSearchParams(request.url.split('?')[1] ?? '')
  for (const name of ['page', 'per_page', 'status']) query.delete(name)
  query.set('per_page', '10000')
  return query.toString()
}

/** An application is ready where one of its workers is: the others are being replaced, and get no connections. */
function answerReadiness({ response }: Request, answers: readonly Answer[]): void {
  const ready = answers.filter(({ status }) => status === 200).length
  response.clearBuffer()
  response.status = ready > 0 ? 200 : 503
  response.writeJson({ status: ready > 0 ? 'ready' : 'stopped', workers: { ready, total: answers.length } })
}
