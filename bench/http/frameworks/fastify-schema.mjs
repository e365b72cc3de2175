// Fastify with a response schema, from which it makes a serializer.

import { fastify } from 'fastify'
import { createMessage } from '../content.mjs'

const message = {
  type: 'object',
  properties: { message: { type: 'string' }, count: { type: 'integer' }, ok: { type: 'boolean' } },
}

const scenarios = {
  json: (app) => app.get('/json', { schema: { response: { 200: message } } }, () => createMessage()),
}

export async function listen(handlers) {
  const app = fastify()
  scenarios[handlers](app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
}
