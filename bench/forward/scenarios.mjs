// What is measured: who takes part, by which load, and what that is told.

const REQUESTS = '../http/load.mjs'
const MESSAGES = '../forward/messages.mjs'

const forHttp = ['bare', 'http-proxy-3', 'httpxy', 'fastify', 'nginx', 'haproxy', 'tribind']
const forTcp = ['bare-tcp', 'haproxy-tcp', 'tribind-tcp']

/** The first of those who take part is what the others are compared with. */
export const scenarios = {
  small: {
    title: 'GET, an answer of 100 bytes',
    proxies: forHttp,
    load: REQUESTS,
    run: { requests: [{ path: '/small' }], status: 200 },
  },
  large: {
    title: 'GET, an answer of 100 kB',
    proxies: forHttp,
    load: REQUESTS,
    run: { requests: [{ path: '/large' }], status: 200 },
  },
  post: {
    title: 'POST of 10 kB, an answer of 100 bytes',
    proxies: forHttp,
    load: REQUESTS,
    run: { requests: [{ path: '/small', method: 'POST', body: 'x'.repeat(10_000) }], status: 200 },
  },
  websocket: {
    title: 'an echo of 100 bytes over a WebSocket',
    proxies: forHttp,
    load: MESSAGES,
    run: { kind: 'websocket' },
  },
  events: {
    title: 'an event of 100 bytes, 200 a second on each connection',
    proxies: forHttp,
    load: '../forward/event-streams.mjs',
    run: {},
  },
  'tcp-echo': { title: 'an echo of 100 bytes over TCP', proxies: forTcp, load: MESSAGES, run: { kind: 'tcp' } },
  'tcp-bytes': {
    title: 'a megabyte over TCP, as fast as it goes',
    proxies: forTcp,
    load: '../forward/byte-streams.mjs',
    run: {},
    connections: 8,
  },
}
