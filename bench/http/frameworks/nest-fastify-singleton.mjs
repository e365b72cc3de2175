// NestJS on Fastify with one controller for all requests, which is what it does unless told otherwise.

import { FastifyAdapter } from '@nestjs/platform-fastify'
import { listenNest } from '../nest/listen-nest.mjs'

const scenarios = { controller: 'singleton' }

export function listen(handlers) {
  return listenNest(new FastifyAdapter(), scenarios[handlers])
}
