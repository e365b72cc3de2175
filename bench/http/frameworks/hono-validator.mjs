// Hono with a body that zod checks, by @hono/zod-validator.

import { once } from 'node:events'
import { serve } from '@hono/node-server'
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { orderSchema } from '../content.mjs'

const scenarios = {
  echo: (app) => app.post('/echo', zValidator('json', orderSchema(z)), (c) => c.json(c.req.valid('json'))),
}

export async function listen(handlers) {
  const app = new Hono()
  scenarios[handlers](app)
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  return server.address().port
}
