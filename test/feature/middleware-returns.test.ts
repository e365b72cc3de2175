import { expect } from 'chai'
import type { Request } from 'tribind'
import { bothWays } from './both-ways.ts'

type Next = () => Promise<unknown>

const around = (before: string, after: string) => async (request: Request, next: Next) => {
  request.response.write(before)
  await next()
  request.response.write(after)
}

describe('middleware: what it returns, and what it sees', () => {
  bothWays(
    'what it returns is written, what next() gives is not written twice',
    (server) => {
      server.bindMiddleware('/stop', () => 'stopped')
      server.bindMiddleware('/json', async () => {
        await Promise.resolve()
        return { stopped: true }
      })
      server.bindMiddleware('/more', async (_request, next) => {
        await next()
        return ' more'
      })
      server.bindMiddleware('/pass', (_request, next) => next())
      server.bindMiddleware('/pass', async (_request, next) => await next())
      for (const path of ['/stop', '/json', '/more', '/pass']) server.bindHandler(path, () => 'handler')
    },
    async (send) => {
      expect((await send('/stop')).text).to.equal('stopped')
      expect((await send('/json')).text).to.equal('{"stopped":true}')
      expect((await send('/more')).text).to.equal('handler more')
      expect((await send('/pass')).text).to.equal('handler')
    },
  )

  bothWays(
    'parameters of its own are its own before and after next(), the route has its own again',
    (server) => {
      server.bindMiddleware('/user/:mine/*rest', async (request, next) => {
        request.response.write(`${JSON.stringify(request.params)} `)
        await next()
        request.response.write(` ${JSON.stringify(request.params)}`)
      })
      server.bindMiddleware('/user/*', async (request, next) => {
        await next()
        request.response.write(` ${JSON.stringify(request.params)}`)
      })
      server.bindHandler('/user/:id/edit', async (request) => {
        await Promise.resolve()
        return JSON.stringify(request.params)
      })
    },
    async (send) => {
      const own = '{"mine":"7","rest":"edit"}'
      expect((await send('/user/7/edit')).text).to.equal(`${own} {"id":"7"} {"id":"7"} ${own}`)
    },
  )

  bothWays(
    'exit() ends it alone: before next() the rest is left out, those around go on',
    (server) => {
      server.use(around('(', ')'))
      server.bindMiddleware('/before', (request) => {
        request.response.write('a')
        request.exit()
      })
      server.bindMiddleware('/after', async (request, next) => {
        await next()
        request.response.write('b')
        request.exit()
        request.response.write('never')
      })
      for (const path of ['/before', '/after']) server.bindHandler(path, () => 'handler')
      server.bindHookHandler('/*', 'AfterServe', (request) => {
        request.response.write('!')
      })
    },
    async (send) => {
      expect((await send('/before')).text).to.equal('(a)!')
      expect((await send('/after')).text).to.equal('(handlerb)!')
    },
  )
})
