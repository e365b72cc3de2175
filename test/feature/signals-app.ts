import { setImmediate as turn } from 'node:timers/promises'
import { Server } from 'tribind'

/** What the process tells whoever started it, one line each. */
export interface Told {
  event: 'ready' | 'hook' | 'request' | 'answered' | 'log' | 'over'
  port?: number
  log?: { level: string; message: string; fields: unknown }
  /** How many listeners of signals there are in the end more than at the beginning. */
  listeners?: number
}

const scenario = process.argv[2]
const countListeners = () => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')
const before = countListeners()

// Pipes are written to at once: what was told before the process ends arrives.
const tell = (told: Told) => void process.stdout.write(`${JSON.stringify(told)}\n`)

const logAs = (level: string) => (message: string, fields: unknown) =>
  tell({ event: 'log', log: { level, message, fields } })

function create(): Server {
  const server = new Server({
    port: 0,
    stopTimeout: scenario === 'impatient' ? 300 : 20_000,
    logger: { debug() {}, info() {}, warn: logAs('warn'), error: logAs('error') },
  })
  server.bindHookHandler('/*', 'BeforeServe', () => tell({ event: 'request' }))
  // Answered a turn later: a signal that comes in the same turn as the request finds it under way.
  server.get('/quick', () => turn('quick'))
  server.post('/upload', async (request) => (await request.bytes()).length)
  server.bindWebSocket('/socket', () => {})
  server.registerSignalHook()
  return server
}

const scenarios: Record<string, (server: Server) => Promise<unknown>> = {
  plain: (server) => server.run(),
  impatient: (server) => server.run(),

  'failing shutdown hook': (server) => {
    server.registerShutdownHook(() => {
      throw new Error('no')
    })
    return server.run()
  },

  'startup hook': (server) => {
    server.clearStartupHooks()
    server.registerStartupHook(async () => {
      const signalled = new Promise((resolve) => process.once('SIGTERM', resolve))
      tell({ event: 'hook' })
      await signalled
    })
    server.registerStartupHook(() => tell({ event: 'ready', port: server.port }))
    return server.run()
  },

  preparing: async (server) => {
    const running = server.run()
    process.emit('SIGTERM', 'SIGTERM')
    await running
  },

  'two servers': (server) => Promise.all([server.run(), create().run()]),
}

const server = create()
server.registerStartupHook(() => tell({ event: 'ready', port: server.port }))
await scenarios[scenario as string]?.(server)
tell({ event: 'over', listeners: countListeners() - before })
