// An application that reaches the outside through proxies alone: two entries, of which the second is there for when the first fails, and an
// exit behind them.
//
//   curl http://127.0.0.1:8199/page                       # what is outside, and the proxies that it was reached through
//   curl -X DELETE http://127.0.0.1:8199/proxies/entry-0  # ends a proxy
//   curl http://127.0.0.1:8199/page                       # now by the other
//   curl http://127.0.0.1:8199/chain                      # what is known of the nodes
//   curl -X DELETE http://127.0.0.1:8199/proxies/entry-1  # ends that one too
//   curl -i http://127.0.0.1:8199/page                    # 502, and nothing is reached directly
//
// The proxies and what is outside are in this process, so that nothing must be installed.
import { HttpError, Server } from 'tribind'
import { type ChainNodeOptions } from 'tribind/forward'
import { fetch } from 'undici'
import { SmallProxy } from './small-proxy.ts'

export function build(): Server {
  const proxies = new Map(['entry-0', 'entry-1', 'exit'].map((name) => [name, new SmallProxy(name)]))
  const node = (name: string): ChainNodeOptions => ({ name, addr: (proxies.get(name) as SmallProxy).addr })
  const server = new Server({
    address: '127.0.0.1:8199',
    entryPoints: { outside: { address: '127.0.0.1:0', inherits: false } },
    hops: {
      entries: { selector: { strategy: 'fifo', failTimeout: '30s' }, nodes: [node('entry-0'), node('entry-1')] },
      exits: { nodes: [node('exit')] },
    },
    chains: { out: { hops: ['entries', 'exits'] } },
  })
  server.install({
    name: 'proxies',
    start: () => Promise.all([...proxies.values()].map((proxy) => proxy.open())),
    stop: () => Promise.all([...proxies.values()].map((proxy) => proxy.close())),
  })
  server.entryPoint('outside').get('/', () => 'the page')

  const dispatcher = server.chain('out').dispatcher()
  server.get('/page', async () => {
    const url = `http://${server.entryPoint('outside').addresses[0]}/`
    for (const proxy of proxies.values()) proxy.passed = false
    const page = await fetch(url, { dispatcher }).then((response) => response.text(), fail)
    return { page, through: [...proxies.values()].flatMap(({ name, passed }) => (passed ? name : [])) }
  })
  server.get('/chain', () => server.chain('out').status())
  server.delete('/proxies/:name', async ({ params, response }) => {
    await proxies.get(params['name'] as string)?.close()
    response.status = 204
  })
  return server
}

/** The `ChainError` behind what `fetch` throws is what the server answers 502 for, and logs. */
function fail({ cause }: Error): never {
  throw cause ?? new HttpError(502)
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerSignalHook()
  await server.run()
}
