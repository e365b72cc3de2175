import { expectTypeOf } from 'expect-type'
import { type EventStream, type Request, Server, type WebSocket } from 'tribind'

describe('the types of WebSockets and event streams', () => {
  it('know the params from the pattern, as those of a handler', () => {
    const server = new Server()
    server.bindWebSocket('/chat/:room/{page}.html@a.com', (socket, request) => {
      expectTypeOf(socket).toEqualTypeOf<WebSocket>()
      expectTypeOf(request.params).toEqualTypeOf<{ room: string; page: string }>()
      // @ts-expect-error -- no such parameter
      void request.params.nope
    })
    server.group('/g/:id').bindWebSocket('/*rest', (_socket, { params }) => {
      expectTypeOf(params).toEqualTypeOf<{ id: string; rest: string }>()
    })
    server
      .domain('a.com')
      .bindWebSocket('/:a', (_socket, { params }) => expectTypeOf(params).toEqualTypeOf<{ a: string }>())
    const pattern: string = '/any'
    server.bindWebSocket(pattern, (_socket, request) => expectTypeOf(request).toEqualTypeOf<Request>())
  })

  it('refuse what is no option', () => {
    const server = new Server()
    server.bindWebSocket('/a', () => {}, { maxPayload: 1, origins: '*', protocols: ['a'], heartbeatMs: 0 })
    // @ts-expect-error -- no list of origins
    const bind = () => server.bindWebSocket('/b', () => {}, { origins: 'https://a.example' })
    void bind
  })

  it('take any data, and events with theirs', () => {
    const use = async (events: EventStream) => {
      expectTypeOf(events.send('text')).toEqualTypeOf<Promise<boolean>>()
      expectTypeOf(events.send({ event: 'e', data: [1], id: 1, retry: 5 })).toEqualTypeOf<Promise<boolean>>()
      expectTypeOf(events.closed).toEqualTypeOf<Promise<void>>()
      expectTypeOf(events.lastEventId).toEqualTypeOf<string>()
    }
    void use
  })
})
