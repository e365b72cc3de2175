import { Server } from 'node:http'
import type { Http2SecureServer, ServerHttp2Session } from 'node:http2'

/** What it has of a server of `node:http`, as it speaks HTTP/1.1 too; the types don't say. */
export type MixedServer = Http2SecureServer & Pick<Server, 'closeIdleConnections' | 'keepAliveTimeout' | 'timeout'>

/** Has the sessions of HTTP/2 end as the connections of HTTP/1.1 do: when idle for `keepAliveTimeout`, and by `closeIdleConnections`. */
export function manageSessions(server: MixedServer): void {
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    closeWhenIdle(session, server.keepAliveTimeout)
  })
  server.closeIdleConnections = () => {
    Server.prototype.closeIdleConnections.call(server)
    // Takes no further requests, and goes with the last that it has.
    for (const session of sessions) session.close()
  }
}

function closeWhenIdle(session: ServerHttp2Session, idleMs: number): void {
  if (idleMs === 0) return
  let openStreams = 0
  const wait = () => setTimeout(() => session.close(), idleMs)
  let timer = wait()
  session.on('stream', (stream) => {
    openStreams++
    clearTimeout(timer)
    stream.once('close', () => {
      if (--openStreams === 0) timer = wait()
    })
  })
  session.once('close', () => clearTimeout(timer))
}
