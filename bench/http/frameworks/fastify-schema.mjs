// Fastify with a response schema, from which it makes a serializer, and a schema of the body, which ajv checks.

import { fastify } from 'fastify'
import { createMessage } from '../content.mjs'

const message = {
  type: 'object',
  properties: { message: { type: 'string' }, count: { type: 'integer' }, ok: { type: 'boolean' } },
}

const order = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    customer: { type: 'string' },
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: { sku: { type: 'string' }, count: { type: 'integer' }, price: { type: 'number' } },
        required: ['sku', 'count', 'price'],
        additionalProperties: false,
      },
    },
    note: { type: 'string' },
    paid: { type: 'boolean' },
    express: { type: 'boolean' },
  },
  required: ['id', 'customer', 'items', 'note', 'paid', 'express'],
  additionalProperties: false,
}

const scenarios = {
  json: (app) => app.get('/json', { schema: { response: { 200: message } } }, () => createMessage()),

  echo: (app) => app.post('/echo', { schema: { body: order } }, (request, reply) => reply.send(request.body)),
}

export async function listen(handlers) {
  const app = fastify()
  scenarios[handlers](app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
}
