// tribind with declarations: a response that fast-json-stringify writes, a body that zod checks.

import { z } from 'zod'
import { declaration, Server } from '../../../dist/index.js'
import { createMessage, orderSchema } from '../content.mjs'

const readMessage = declaration({
  responses: { 200: z.object({ message: z.string(), count: z.int(), ok: z.boolean() }) },
})
const sendOrder = declaration({ body: orderSchema(z) })

const scenarios = {
  json: (server) =>
    server.bindHandler(
      'GET:/json',
      readMessage.handler(() => createMessage()),
    ),

  echo: (server) =>
    server.bindHandler(
      'POST:/echo',
      sendOrder.handler(({ body }) => body),
    ),
}

export async function listen(handlers) {
  const server = new Server({ port: 0, address: '127.0.0.1' })
  scenarios[handlers](server)
  await server.start()
  return server.port
}
