import { Header } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { listenNest } from '../nest/listen-nest.mjs'

/** Express takes a text for HTML unless told otherwise. */
const text = [Header('content-type', 'text/plain; charset=utf-8')]

export function listen(handlers, size) {
  return listenNest(new ExpressAdapter(), handlers, size, text)
}
