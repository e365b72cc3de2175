import { once } from 'node:events'
import { expect } from 'chai'
import { Server, StateError } from 'tribind'
import { createTestClient, createTestServer } from 'tribind/testing'
import { collectingLogger, gate, type Protocol, rejected } from '../feature/both-ways.ts'
import { protocolOptions } from '../feature/clients.ts'

const register = (server: Server) => {
  server.get('/live', ({ response, cookie }) => {
    const stream = response.sse()
    void stream.send({ event: 'hello', data: cookie.get('name') ?? 'stranger', id: 1, retry: 5000 })
    void stream.comment('a comment')
    void stream.send('two\nlines')
  })
  server.get('/name', ({ cookie }) => cookie.set('name', 'Ann'))
}

const open = (more = (_server: Server) => {}, options: ConstructorParameters<typeof Server>[0] = {}) =>
  createTestServer(
    (server) => {
      register(server)
      more(server)
    },
    { logger: collectingLogger(), ...options },
  )

describe('an event stream of a test client', () => {
  for (const protocol of Object.keys(protocolOptions) as Protocol[]) {
    it(`receives events [${protocol}]`, async () => {
      await using server = await open(undefined, protocolOptions[protocol])
      await using events = await server.client().events('/live')
      expect(events.headers['content-type']).to.match(/^text\/event-stream/)
      expect(await events.next()).to.deep.equal({ event: 'hello', data: 'stranger', id: '1' })
      expect(await events.next()).to.deep.equal({ event: 'message', data: 'two\nlines', id: '1' })
      expect([events.lastEventId, events.retry]).to.deep.equal(['1', 5000])
    })
  }

  it('carries the cookies, header fields and last id of its client', async () => {
    await using server = await open((server) => {
      server.get('/told', (request) => {
        const stream = request.response.sse()
        void stream.send([stream.lastEventId, request.header('x-team'), request.header('accept')])
      })
    })
    const client = server.client({ headers: { 'X-Team': 'blue' } })
    await client.get('/name')
    await using live = await client.events('/live')
    expect((await live.next()).data).to.equal('Ann')
    await using told = await client.events('/told', { lastEventId: '41' })
    expect(JSON.parse((await told.next()).data)).to.deep.equal(['41', 'blue', 'text/event-stream'])
  })

  it('keeps the cookies of the response', async () => {
    await using server = await open((server) => {
      server.get('/set', ({ cookie, response }) => {
        cookie.set('seen', 'yes')
        response.sse()
      })
    })
    const client = server.client()
    await using events = await client.events('/set')
    expect([events.lastEventId, client.cookies.get('seen')]).to.deep.equal(['', 'yes'])
  })

  it('is iterated to its end', async () => {
    await using server = await open((server) => {
      server.get('/count', async ({ response }) => {
        const stream = response.sse()
        for (const n of [1, 2, 3]) await stream.send(n)
        stream.close()
      })
    })
    const seen: string[] = []
    const events = await server.client().events('/count')
    for await (const { data } of events) seen.push(data)
    expect(seen).to.deep.equal(['1', '2', '3'])
    expect((await rejected(events.next())).message).to.equal('the event stream "/count" ended without another event')
  })

  it('is closed where a loop is left, and by close()', async () => {
    const ended: string[] = []
    await using server = await open((server) => {
      server.get('/:name', async ({ response, params }) => {
        const stream = response.sse()
        await stream.send('x')
        await stream.closed
        ended.push(params.name)
      })
    })
    for await (const { data } of await server.client().events('/loop')) {
      expect(data).to.equal('x')
      break
    }
    await server.whenIdle()
    const events = await server.client().events('/closed')
    await events.next()
    events.close()
    await server.whenIdle()
    expect(ended).to.deep.equal(['loop', 'closed'])
    expect((await rejected(events.next())).message).to.include('ended')
  })

  describe('fails with what was waited for', () => {
    it('where no event comes; one that comes later is not lost', async () => {
      const { opened, open: send } = gate()
      await using server = await open((server) => {
        server.get('/late', async ({ response }) => {
          const stream = response.sse()
          await opened
          await stream.send('late')
        })
      })
      await using events = await server.client().events('/late', { timeoutMs: 30 })
      const error = await rejected(events.next())
      expect(error.message).to.equal('waited 30 ms for an event of the event stream "/late"')
      expect(error.stack).to.include('test-event-stream.test.ts')
      send()
      expect((await events.next({ timeoutMs: 1000 })).data).to.equal('late')
    })

    it('where there is no response', async () => {
      await using server = await open((server) => {
        server.get('/never', async ({ signal }) => void (await once(signal, 'abort')))
      })
      const error = await rejected(server.client().events('/never', { timeoutMs: 30 }))
      expect(error.message).to.equal('waited 30 ms for the response of the event stream "/never"')
    })

    it('where the response is another', async () => {
      await using server = await open((server) => server.get('/text', () => 'hello'))
      const client = server.client()
      expect((await rejected(client.events('/text'))).message).to.equal(
        '"/text" must answer 200 with text/event-stream, got 200 with text/plain; charset=utf-8: hello',
      )
      expect((await rejected(client.events('/none'))).message).to.include('got 404 with')
    })

    it('where the connection is cut', async () => {
      await using server = await open((server) => {
        server.get('/cut', async ({ response, raw }) => {
          await response.sse().send('x')
          setImmediate(() => raw.socket.destroy())
        })
      })
      const events = await server.client().events('/cut')
      await events.next()
      expect((await rejected(events.next())).message).to.equal('the event stream "/cut" was cut off')
    })

    it('where the server does not run', async () => {
      const server = new Server({ logger: collectingLogger() })
      register(server)
      expect(await rejected(createTestClient(server).events('/live'))).to.be.instanceOf(StateError)
    })
  })
})
