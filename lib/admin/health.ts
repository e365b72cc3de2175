import type { AdminWorld, Endpoints } from './admin-world.ts'

/** Whether the process runs, and whether the server serves; both without a token. */
export function healthEndpoints({ server }: AdminWorld): Endpoints {
  return {
    'GET:/health/live': () => ({ status: 'live' }),
    'GET:/health/ready': ({ response }) => {
      const isReady = server.isReady()
      // Not as an error: probes want to see why.
      if (!isReady) response.status = 503
      response.writeJson({ status: isReady ? 'ready' : server.state })
    },
  }
}
