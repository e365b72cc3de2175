// NestJS on one of its platforms.

import { NestFactory } from '@nestjs/core'
import { tap } from 'rxjs'
import { hookMark, readHookMark } from '../hook-mark.mjs'
import { createModule } from './create-module.mjs'

/** What NestJS has for a before and an after hook. */
const markingInterceptor = {
  intercept(context, next) {
    const request = context.switchToHttp().getRequest()
    request.mark = hookMark
    return next.handle().pipe(tap(() => readHookMark(request.mark)))
  },
}

/** Resolves to the port; `text` are the decorators of methods that answer with text. */
export async function listenNest(adapter, handlers, size, text = []) {
  const app = await NestFactory.create(createModule(handlers, size, text), adapter, { logger: ['error', 'fatal'] })
  if (handlers === 'controller' || handlers === 'singleton') app.useGlobalInterceptors(markingInterceptor)
  await app.listen(0, '127.0.0.1')
  return app.getHttpServer().address().port
}
