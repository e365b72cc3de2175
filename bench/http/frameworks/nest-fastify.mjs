import { FastifyAdapter } from '@nestjs/platform-fastify'
import { listenNest } from '../nest/listen-nest.mjs'

export function listen(handlers, size) {
  return listenNest(new FastifyAdapter(), handlers, size)
}
