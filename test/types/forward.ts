import { Server } from 'tribind'
import { createChain, createEgress, forward, httpProxy, socks5Proxy, tcpForward } from 'tribind/forward'

// What nodes, chains and proxies may be told. Checked by tsc, never run.

const chain = createChain({ hops: [{ nodes: [{ addr: '127.0.0.1:1080', connector: { type: 'socks5' } }] }] })
const server = new Server({ chains: { out: chain, other: { hops: ['first'] } }, hops: { first: { nodes: [] } } })

server.all('/*', forward({ nodes: ['http://127.0.0.1:3000', { addr: 'http://127.0.0.1:3001', weight: 2 }], chain }))
server.use(forward({ nodes: [new URL('http://127.0.0.1')], selector: { strategy: 'least' }, retry: { attempts: 2 } }))
void [httpProxy({ chain: 'out' }), socks5Proxy({ interface: 'lo' }), tcpForward({ nodes: ['127.0.0.1:22'] })]

// @ts-expect-error -- no nodes
forward({})
// @ts-expect-error -- a misspelt option
forward({ nodes: [], nods: [] })
// @ts-expect-error -- a strategy that there isn't
forward({ nodes: [], selector: { strategy: 'random' } })
// @ts-expect-error -- an option of a node that there isn't
forward({ nodes: [{ addr: 'http://a', wieght: 2 }] })
// @ts-expect-error -- a chain without hops
createChain({})
// @ts-expect-error -- an egress is made from an interface
void createEgress({ interface: 4 })
