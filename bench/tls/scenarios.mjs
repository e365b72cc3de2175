// What is measured. Every scenario has a `protocol`; then either a `path` that h2load asks for, or handshakes.

const byRequest = ['bare', 'fastify', 'tribind']
const allOfHttp2 = ['bare', 'bare-stream', 'fastify', 'tribind']

/** `requests` of a slice over `connections`, with `streams` under way on each. */
const overHttps = { protocol: 'https', servers: byRequest, requests: 6000, connections: 16, streams: 1 }
const oneStream = { protocol: 'http2', servers: allOfHttp2, requests: 4000, connections: 16, streams: 1 }
const manyStreams = { protocol: 'http2', servers: allOfHttp2, requests: 6000, connections: 4, streams: 100 }

/** `handshakes` of a slice, with a TLS version and the protocol that is agreed on. */
const https = { protocol: 'https', servers: byRequest, handshakes: 200, alpn: 'http/1.1' }
const http2 = { protocol: 'http2', servers: byRequest, handshakes: 200, alpn: 'h2' }

export const scenarios = {
  'https-hello': { ...overHttps, path: '/' },
  'https-json': { ...overHttps, path: '/json' },
  'http2-hello-1': { ...oneStream, path: '/' },
  'http2-json-1': { ...oneStream, path: '/json' },
  'http2-hello-100': { ...manyStreams, path: '/' },
  'http2-json-100': { ...manyStreams, path: '/json' },
  'https-tls13': { ...https, version: 'TLSv1.3', resumed: false },
  'https-tls13-resumed': { ...https, version: 'TLSv1.3', resumed: true },
  'https-tls12': { ...https, version: 'TLSv1.2', resumed: false },
  'https-tls12-resumed': { ...https, version: 'TLSv1.2', resumed: true },
  'http2-tls13': { ...http2, version: 'TLSv1.3', resumed: false },
  'http2-tls13-resumed': { ...http2, version: 'TLSv1.3', resumed: true },
}
