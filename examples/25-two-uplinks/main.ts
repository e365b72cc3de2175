// A host with two uplinks: a service elsewhere is asked by the first uplink that works, by both in turn, or by each of them.
//
//   curl http://127.0.0.1:8199/first      # by the first that connects
//   curl http://127.0.0.1:8199/turns      # by the next one each time
//   curl http://127.0.0.1:8199/each       # by each of them, and why one fails
//
// UPLINKS=eth0,eth1 and SERVICE=http://… make it a real one, with the rules of docs/egress.md. Else it is host and service by itself,
// with the addresses 127.0.0.2 and 127.0.0.3 and an uplink that isn't there.
import { Server } from 'tribind'
import { createEgress, EgressError } from 'tribind/forward'
import { fetch } from 'undici'

export interface World {
  readonly uplinks?: readonly string[]
  /** What answers with the address that it sees. Default: an entry point of this server. */
  readonly service?: string
}

export function build({ uplinks = ['127.0.0.2', '127.0.0.3', 'tun7'], service }: World = {}): Server {
  const server = new Server({ address: '127.0.0.1:8199', entryPoints: { outside: '127.0.0.1:0' } })
  server.entryPoint('outside').get('/', ({ ip }) => ip)
  const url = () => service ?? `http://${server.entryPoint('outside').addresses[0]}/`

  // One dispatcher for each way to leave: it keeps its connections for further requests.
  const first = createEgress(uplinks).dispatcher()
  const turns = createEgress({ list: uplinks, strategy: 'round' }).dispatcher()
  const each = uplinks.map((uplink) => ({ uplink, dispatcher: createEgress(uplink).dispatcher() }))
  server.registerShutdownHook(() =>
    Promise.all([first, turns, ...each.map((one) => one.dispatcher)].map((one) => one.close())),
  )

  server.get('/first', async () => (await fetch(url(), { dispatcher: first })).text())
  server.get('/turns', async () => (await fetch(url(), { dispatcher: turns })).text())
  server.get('/each', async () => {
    const seen = each.map(async ({ uplink, dispatcher }) => {
      const answer = await fetch(url(), { dispatcher }).then((response) => response.text(), explain)
      return [uplink, answer]
    })
    return Object.fromEntries(await Promise.all(seen))
  })
  return server
}

/** `fetch` wraps the error of the connection. */
function explain({ cause }: Error): string {
  if (!(cause instanceof EgressError)) throw cause
  return cause.attempts.map(({ reason }) => reason).join(', ')
}

if (import.meta.filename === process.argv[1]) {
  const { UPLINKS, SERVICE } = process.env
  const server = build({ ...(UPLINKS && { uplinks: UPLINKS.split(',') }), ...(SERVICE && { service: SERVICE }) })
  server.registerSignalHook()
  await server.run()
}
