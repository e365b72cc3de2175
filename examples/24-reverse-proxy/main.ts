// A gateway: a shop whose pages come from two equal servers, and whose search from a third; with failover, probes and a status page.
//
//   curl http://127.0.0.1:8199/                     # hello from red (or blue)
//   curl http://127.0.0.1:8199/search/books?q=x     # found /books?q=x
//   curl http://127.0.0.1:8199/gateway              # what is known of the nodes
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { compress, type Logger, Server } from 'tribind'
import { forward } from 'tribind/forward'

/** The addresses of what is behind the gateway. */
export interface Shop {
  readonly pages: readonly string[]
  readonly search: string
}

export function build({ pages, search }: Shop, logger?: Logger): Server {
  const server = new Server({ address: '127.0.0.1', ...(logger && { logger }) })
  const toPages = forward({
    nodes: pages,
    selector: { strategy: 'least', failTimeout: '5s' },
    probe: { path: '/health', interval: '1s' },
    retry: { on: ['connect', 'reset', 503] },
  })
  const toSearch = forward({ nodes: [search], stripPrefix: '/search', headTimeout: '2s' })

  server.use(compress())
  server.bindHandler('/*', toPages)
  server.bindHandler('/search/*', toSearch)
  server.get('/gateway', () => [...toPages.nodes(), ...toSearch.nodes()])
  server.bindStatusHandler(502, ({ response }) => response.writeOver('The shop is closed for a moment.'))
  return server
}

/** Starts what a gateway would find on other machines. */
export async function openShop(): Promise<Shop & { close: () => void }> {
  const servers = await Promise.all([
    listen((request, response) => response.end(request.url === '/health' ? 'fine' : 'hello from red')),
    listen((request, response) => response.end(request.url === '/health' ? 'fine' : 'hello from blue')),
    listen((request, response) => response.end(`found ${request.url}`)),
  ])
  const [red, blue, search] = servers.map(({ url }) => url) as [string, string, string]
  return { pages: [red, blue], search, close: () => servers.forEach(({ close }) => close()) }
}

async function listen(answer: RequestListener): Promise<{ url: string; close: () => void }> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

if (import.meta.filename === process.argv[1]) {
  const shop = await openShop()
  const server = build(shop)
  server.registerSignalHook()
  await server.run()
  shop.close()
}
