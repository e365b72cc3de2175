// node:http by hand in another way: the scenario below-bare measures each of these variants beside bare.mjs.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { variants } from '../bare/variants.mjs'
import { greeting } from '../content.mjs'

export async function listen(handlers, size, variant) {
  const { respond, options = {}, prepare } = variants[variant]
  const server = createServer(options, (request, response) => {
    const { method, url } = request
    const queryStart = url.indexOf('?')
    const path = queryStart === -1 ? url : url.slice(0, queryStart)
    if (method === 'GET' && path === '/') respond(response, greeting)
    else response.writeHead(404).end()
  })
  prepare?.(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server.address().port
}
