import { mkdirSync, writeFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { type Event, Controller, createLogger, type Request, Server } from 'tribind'
import { doDeed, type Hands, reach } from './do-deed.ts'
import { type Deed, type Place, places, type Target } from './junk.ts'
import { findTargets } from './reflect.ts'

// A server in a process of its own whose handlers do to a request what its field `x-junk` says. See process.ts.

/** What the process tells who started it. */
export type Told =
  | { readonly event: 'ready'; readonly port: number }
  | { readonly event: 'targets'; readonly targets: readonly Target[] }
  | { readonly event: 'fault'; readonly text: string; readonly deed: Deed | undefined }
  | { readonly event: 'settled'; readonly acted: readonly string[] }

const tell = (told: Told) => void process.send?.(told)

let lastDeed: Deed | undefined
const acted = new Set<string>()
const deeds = new WeakMap<Request, Deed>()
/** Puts right what a deed has done to what requests share; the next request must bear it. */
let restoreShared = () => {}

// Either of them ends a process that doesn't listen.
process.on('uncaughtException', (error) => tellFault('uncaughtException', error))
process.on('unhandledRejection', (error) => tellFault('unhandledRejection', error))
process.on('message', () => setTimeout(() => tell({ event: 'settled', acted: [...acted] }), 50))
process.on('disconnect', () => process.exit())

function tellFault(kind: string, error: unknown): void {
  tell({ event: 'fault', text: `${kind}: ${describe(error)}`, deed: lastDeed })
}

function describe(error: unknown): string {
  try {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return text.split('\n').slice(0, 4).join(' ')
  } catch {
    return 'what was thrown throws itself'
  }
}

/** Called in every place; does what the request was sent for where this is the place. */
function pass(place: Place, hands: Hands): unknown {
  const deed = deeds.get(hands.request)
  if (deed?.place !== place) return undefined
  return doDeed(deed, hands, () => {
    lastDeed = deed
    acted.add(`${deed.object}.${deed.name}`)
  })
}

function arm(request: Request): void {
  const field = request.raw.headers['x-junk']
  if (typeof field !== 'string') return
  restoreShared()
  deeds.set(request, JSON.parse(decodeURIComponent(field)) as Deed)
}

function keepShared(server: Server): () => void {
  const kept = [server, server.logger].map((object) => [object, Object.getOwnPropertyDescriptors(object)] as const)
  return () => {
    for (const [object, properties] of kept) {
      for (const name of Reflect.ownKeys(object)) if (!(name in properties)) Reflect.deleteProperty(object, name)
      if (!Object.isFrozen(object)) Object.defineProperties(object, properties)
    }
  }
}

class Junk extends Controller {
  override init(request: Request) {
    return pass('init', { request, controller: this })
  }
  index(request: Request) {
    return pass('method', { request, controller: this })
  }
  override shut(request: Request) {
    return pass('shut', { request, controller: this })
  }
}

class Targets extends Controller {
  async index(request: Request) {
    const hands = { request, controller: this }
    const roots: Record<string, object> = {}
    for (const path of ['request.form()', 'request.cookie.all()', 'request.session.data()', 'request.response.sse()'])
      roots[path] = await reach(path, hands)
    roots['request.file()'] = await reach('request.file()', hands)
    tell({ event: 'targets', targets: findTargets({ ...roots, request, controller: this }) })
    request.response.clearBuffer()
  }
}

function register(server: Server): void {
  server.bindHookHandler('/*', 'BeforeServe', (request) => arm(request))
  for (const place of places.slice(0, 8) as Event[])
    server.bindHookHandler('/*', place, (request) => pass(place, { request }))
  server.use(async (request, next) => {
    await pass('before next', { request, next })
    try {
      await next()
    } catch {
      // Handled; 'after next' has its turn all the same.
    }
    return pass('after next', { request, next })
  })
  server.bindController('/controller', Junk)
  server.bindController('/targets', Targets)
  server.all('/handler/:id', (request) => pass('handler', { request }))
  server.all('/status', ({ response }) => response.writeStatus(418))
  server.bindStatusHandler(418, (request) => pass('status', { request }))
  server.get('/login', ({ session }) => session.set('user', 'junk'))
  server.get('/ok', ok)
}

/** Goes through what the deeds have meddled with. */
async function ok({ cookie, session, view, context, response }: Request): Promise<string> {
  cookie.set('seen', '1')
  session.has('user')
  context.set('text', 'ok')
  response.setHeader('X-Ok', 'yes')
  view.assign('text', context.get('text'))
  return view.parseContent('<%= it.text %>')
}

mkdirSync('views')
writeFileSync('views/index.eta', 'index')
const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
const server = new Server({
  port: 0,
  logger: createLogger({ level: 'debug', stream }),
  session: { secret: 'a secret of thirty-two characters' },
  cookieSecret: 'another secret, of thirty-two characters',
  view: { root: 'views' },
})
register(server)
await server.start()
restoreShared = keepShared(server)
tell({ event: 'ready', port: server.port })
