import { once } from 'node:events'
import http2 from 'node:http2'
import { Server } from 'tribind'
import { collectingLogger, type Entry, type Options, portOf } from './both-ways.ts'
import { cert, files } from './key-pair.ts'

const created: Server[] = []
const sessions: http2.ClientHttp2Session[] = []

export function create(register: (server: Server) => unknown, options: Options = {}, log: Entry[] = []): Server {
  const server = new Server({ port: 0, https: files, http2: true, logger: collectingLogger(log), ...options })
  register(server)
  created.push(server)
  return server
}

/** A session with the server, which is started for it. */
export async function open(server: Server): Promise<http2.ClientHttp2Session> {
  if (server.state === 'created') await server.start()
  const session = http2.connect(`https://127.0.0.1:${portOf(server)}`, { ca: cert }).on('error', () => {})
  sessions.push(session)
  await once(session, 'connect')
  return session
}

/** Ends what the tests have left open. */
export async function closeAll(): Promise<void> {
  for (const session of sessions.splice(0)) session.destroy()
  await Promise.all(created.splice(0).map((server) => server.stop()))
}
