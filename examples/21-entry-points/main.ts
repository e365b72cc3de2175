// A public and an internal entry point, and a third one that the internal one opens and closes while the server serves.
//
//   curl -i http://127.0.0.1:8199/                        # the shop
//   curl -i http://127.0.0.1:8199/status                  # 404: that is internal
//   curl -i http://127.0.0.1:9199/status                  # the state of each entry point
//   curl -i -X PUT http://127.0.0.1:9199/preview          # opens the preview: where, stands in the answer
//   curl -i -X DELETE http://127.0.0.1:9199/preview       # closes it, and says how many connections had to be cut
import { type EntryPoint, Server } from 'tribind'

export interface Addresses {
  readonly web?: string
  readonly ops?: string
}

export function build({ web = '127.0.0.1:8199', ops = '127.0.0.1:9199' }: Addresses = {}): Server {
  const server = new Server({
    entryPoints: {
      web: { address: web, maxConnections: 1000 },
      // What is bound on the server, the shop, isn't there.
      ops: { address: ops, inherits: false, labels: { zone: 'internal' } },
    },
  })
  server.get('/', ({ entryPoint }) => `the shop, at ${entryPoint}`)
  bindOperations(server, server.entryPoint('ops'))
  return server
}

function bindOperations(server: Server, ops: EntryPoint): void {
  ops.get('/status', () => Object.fromEntries(server.entryPoints().map((one) => [one.name, describe(one)])))
  ops.put('/preview', async ({ response }) => {
    if (isOpen(server, 'preview')) return response.writeStatus(409)
    await server.openEntryPoint('preview', { address: '127.0.0.1:0', maxConnections: 10 })
    response.status = 201
    return describe(server.entryPoint('preview'))
  })
  ops.delete('/preview', async ({ response }) => {
    if (!isOpen(server, 'preview')) return response.writeStatus(404)
    return server.closeEntryPoint('preview', '5s')
  })
}

function isOpen(server: Server, name: string): boolean {
  return server.entryPoints().some((one) => one.name === name && one.status().state === 'ready')
}

function describe(entryPoint: EntryPoint) {
  const { addresses, labels } = entryPoint
  const { state, events } = entryPoint.status()
  return { state, addresses, labels, latest: events.at(-1)?.msg }
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(server.addresses.map((address) => `http://${address}/`).join('\n')))
  server.registerSignalHook()
  await server.run()
}
