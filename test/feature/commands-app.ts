import { Server, type ServerOptions } from 'tribind'
import type { Told } from './signals-app.ts'

// Pipes are written to at once: what was told before the process ends arrives.
const tell = (told: Told) => void process.stdout.write(`${JSON.stringify(told)}\n`)
const logAs = (level: string) => (message: string, fields: unknown) =>
  tell({ event: 'log', log: { level, message, fields } })

/** A server whose options are JSON in the argument. */
const server = new Server({
  ...(JSON.parse(process.argv[2] as string) as ServerOptions),
  logger: { debug() {}, info: logAs('info'), warn: logAs('warn'), error: logAs('error') },
})
server.get('/', () => 'hello')
server.get('/slow', async () => {
  tell({ event: 'request' })
  await new Promise((resolve) => setTimeout(resolve, 300))
  tell({ event: 'answered' })
  return 'slow'
})
server.get('/never', () => {
  tell({ event: 'request' })
  return new Promise(() => {})
})
server.registerSignalHook()
server.registerStartupHook(() => tell({ event: 'ready', port: server.port }))
server.registerShutdownHook(() => tell({ event: 'hook' }))
await server.run()
tell({ event: 'over' })
