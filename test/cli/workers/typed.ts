import { Server } from 'tribind'

// An application in TypeScript for test/cli/workers.test.ts.
interface Info {
  readonly pid: number
}

export const server: Server = new Server({ entryPoints: { web: '127.0.0.1:0' } })
server.bindHandler('/', (): Info => ({ pid: process.pid }))
