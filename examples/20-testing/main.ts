// An application and its tests, one file each for mocha, vitest and node:test; docs/testing.md says how they are run.
//
//   curl -i -c cookies -d name=Ann http://127.0.0.1:8199/name
//   curl -b cookies http://127.0.0.1:8199/
import { Server } from 'tribind'

export function build(): Server {
  const server = new Server()
  const log: string[] = []
  server.registerService('log', log)
  server.get('/', ({ cookie }) => `Hello, ${cookie.get('name') ?? 'stranger'}!`)
  server.post('/name', async (request) => {
    const { name } = await request.form()
    request.cookie.set('name', String(name))
    request.response.redirectTo('/', 303)
  })
  server.bindHookHandler('/*', 'AfterClose', ({ method, path }) => void log.push(`${method} ${path}`))
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/`))
  server.registerSignalHook()
  await server.run()
}
