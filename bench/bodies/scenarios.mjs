// What is posted or asked for, and who answers; the handlers are those of bench/http.

import { scenarios as others } from '../http/scenarios.mjs'

/** 1,000 times the work of 64 connections is no other work for the server, and none for the load. */
const fewConnections = 8

/** Each with who takes part; a ratio is to each of `against`. */
export const scenarios = {
  'echo-200': describeEcho('JSON of 200 bytes posted and echoed', others.echo.requests[0].body, 64),
  'echo-10k': describeEcho('JSON of 10 kB posted and echoed', createOrders(10_000), 64),
  'echo-1m': describeEcho('JSON of 1 MB posted and echoed', createOrders(1_000_000), fewConnections),
  'declared-json': {
    ...others['declared-json'],
    frameworks: ['bare', 'fastify-schema', 'tribind', 'tribind-declared'],
    against: ['bare', 'fastify-schema', 'tribind'],
    connections: 64,
  },
  'declared-echo': {
    ...others['declared-echo'],
    against: ['bare', 'fastify-schema', 'hono-validator', 'tribind'],
    connections: 64,
  },
}

function describeEcho(title, body, connections) {
  return {
    title,
    handlers: 'echo',
    requests: [{ ...others.echo.requests[0], body }],
    frameworks: ['bare', 'fastify', 'tribind'],
    against: ['bare', 'fastify'],
    connections,
  }
}

/** As many orders as fit into `bytes`. */
function createOrders(bytes) {
  const order = others.echo.requests[0].body
  return `[${Array.from({ length: Math.floor((bytes - 2) / (order.length + 1)) }, () => order).join(',')}]`
}
