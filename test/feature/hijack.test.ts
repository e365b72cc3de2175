import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { StateError } from 'tribind'
import { bothWays, overSocket, thrownBy, until } from './both-ways.ts'
import { recordEvents } from './record-events.ts'

/** A listener of node:http that answers from a callback. */
function answerLate(req: IncomingMessage, res: ServerResponse): void {
  setTimeout(() => {
    res.setHeader('X-Late', '1')
    res.statusCode = 201
    res.end(`${req.method} late`)
  }, 20)
}

describe('response.hijack', () => {
  bothWays(
    'lets a listener of node:http answer after the handler, with what was set before',
    (server) => {
      server.use((request, next) => {
        request.response.setHeader('X-Before', '1')
        request.response.setHeader('Vary', 'Origin')
        request.cookie.set('a', '1')
        return next()
      })
      server.get('/', ({ response }) => {
        const raw = response.hijack()
        expect(response.sent).to.equal(true)
        answerLate(raw.request, raw.response)
      })
      return recordEvents(server)
    },
    async (send, ran, { log }) => {
      const { status, text, header, headerAll } = await send('/')
      expect([status, text]).to.deep.equal([201, 'GET late'])
      expect([header('x-before'), header('x-late'), header('vary')]).to.deep.equal(['1', '1', 'Origin'])
      expect(headerAll('set-cookie')).to.have.length(1)
      await until(() => ran.includes('AfterClose'), 'the close events have run')
      expect(ran.filter((event) => event === 'AfterClose')).to.have.length(1)
      expect(log).to.deep.equal([])
    },
  )

  bothWays(
    'sends nothing of what is returned, written or set afterwards, and logs it',
    (server) => {
      server.get('/', ({ response }) => {
        const raw = response.hijack()
        answerLate(raw.request, raw.response)
        response.status = 404
        response.setHeader('X-After', '1')
        return 'lost'
      })
    },
    async (send, _world, { log }) => {
      const { status, text, header } = await send('/')
      expect([status, text, header('x-after')]).to.deep.equal([201, 'GET late', undefined])
      expect(log.map(({ level, message }) => `${level} ${message}`)).to.deep.equal([
        "warn What was written or returned isn't sent: the response was handed over by hijack()",
      ])
    },
  )

  bothWays(
    'is a StateError once the response has gone out, and where it is called twice',
    (server) => {
      server.get('/', ({ response }) => {
        const raw = response.hijack()
        raw.response.end(String(thrownBy(() => response.hijack()) instanceof StateError))
      })
      server.get('/sent', ({ response }) => {
        response.raw.writeHead(200)
        response.raw.end(String(thrownBy(() => response.hijack()) instanceof StateError))
      })
    },
    async (send) => {
      for (const path of ['/', '/sent']) expect((await send(path)).text).to.equal('true')
    },
  )

  overSocket(
    'cuts the connection where the handler fails afterwards',
    (server) => {
      server.get('/', ({ response }) => {
        response.hijack()
        throw new Error('x')
      })
    },
    async (send, _world, { log }) => {
      const failed = await send('/').then(
        () => false,
        () => true,
      )
      expect(failed).to.equal(true)
      expect(log.map(({ level }) => level)).to.deep.equal(['error'])
    },
  )

  overSocket(
    'is in the access log with the status that went out',
    (server) => {
      server.get('/', ({ response }) => {
        const raw = response.hijack()
        answerLate(raw.request, raw.response)
      })
    },
    async (send, _world, { log }) => {
      await send('/')
      await until(() => log.some(({ message }) => message === 'GET / 201'), 'it is logged')
    },
    { accessLog: true },
  )

  overSocket(
    'is waited for by a stop',
    (server) => {
      server.get('/', ({ response }) => {
        const raw = response.hijack()
        answerLate(raw.request, raw.response)
      })
    },
    async (send, _world, { server }) => {
      const answer = send('/')
      await sleep(10)
      await server.stop()
      expect((await answer).text).to.equal('GET late')
    },
  )
})
