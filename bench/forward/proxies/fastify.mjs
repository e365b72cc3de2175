// @fastify/http-proxy as its README has it.

import httpProxy from '@fastify/http-proxy'
import createFastify from 'fastify'

export async function listen(nodePort) {
  const fastify = createFastify()
  fastify.register(httpProxy, { upstream: `http://127.0.0.1:${nodePort}`, websocket: true })
  await fastify.listen({ port: 0, host: '127.0.0.1' })
  return fastify.server.address().port
}
