import { once } from 'node:events'
import net from 'node:net'
import { expect } from 'chai'
import { inTime, rejected, until } from '../../../feature/both-ways.ts'
import { accept, openReceiver, type Receiver, refuse, type Respond } from '../../../feature/receiver.ts'
import { postEvents } from '../../../../lib/entrypoint/observers/post-events.ts'
import type { ObserverEvent } from '../../../../lib/entrypoint/observers/observer-event.ts'

const event: ObserverEvent = {
  kind: 'service',
  service: 'web',
  type: 'status',
  status: { state: 'ready', msg: 'service web is ready' },
  id: 'a',
  seq: 1,
  time: 1736657921000,
}

const sends =
  (text: string): Respond =>
  (response) =>
    response.end(text)

describe('postEvents', () => {
  let receiver: Receiver
  const signal = new AbortController().signal
  const post = (respond: Respond) => {
    receiver.respond = respond
    return postEvents({ url: new URL(receiver.url) }, [event], signal)
  }

  before(async () => {
    receiver = await openReceiver()
  })
  after(() => receiver.close())

  it('posts the events as JSON', async () => {
    await post(accept)
    const [request] = receiver.requests
    expect([request?.method, request?.url]).to.deep.equal(['POST', '/observe'])
    expect(request?.headers['content-type']).to.equal('application/json')
    expect(request?.headers).not.to.have.property('authorization')
    expect(request?.events).to.deep.equal([event])
  })

  it('sends a token as Bearer token', async () => {
    receiver.respond = accept
    await postEvents({ url: new URL(receiver.url), token: 's3cret' }, [event], signal)
    expect(receiver.requests.at(-1)?.headers.authorization).to.equal('Bearer s3cret')
  })

  it('sends the credentials of a URL as Basic credentials', async () => {
    receiver.respond = accept
    await postEvents({ url: new URL(receiver.url.replace('//', '//al%20ice:p%3Aw@')) }, [event], signal)
    expect(receiver.requests.at(-1)?.headers.authorization).to.equal(
      `Basic ${Buffer.from('al ice:p:w').toString('base64')}`,
    )
  })

  for (const [what, respond] of [
    ['no body', refuse(204)],
    ['an empty body', accept],
    ['a body that is not JSON', sends('{ "ok": false')],
    ['"ok": true', sends('{ "ok": true }')],
    ['JSON without "ok"', sends('[false]')],
    ['null', sends('null')],
    ['a false that is not a boolean', sends('{ "ok": 0 }')],
    ['a body without end', (response) => void response.write('x'.repeat(70_000))],
  ] as [string, Respond][]) {
    it(`takes a 2xx with ${what} as accepted`, async () => {
      await inTime(post(respond), 'it is accepted')
    })
  }

  for (const [what, respond, message] of [
    ['"ok": false', sends('{ "ok": false, "why": "full" }'), 'the response says "ok": false'],
    ['"ok": false after a byte order mark', sends('\ufeff{"ok":false}'), 'the response says "ok": false'],
    ['a redirect', refuse(307), 'the response has status 307'],
    ['a 5xx', refuse(503), 'the response has status 503'],
    [
      'a 4xx with an endless body',
      (response) => void response.writeHead(404).write('x'),
      'the response has status 404',
    ],
  ] as [string, Respond, string][]) {
    it(`takes ${what} as refused`, async () => {
      expect(await inTime(rejected(post(respond)), 'it is refused')).to.have.property('message', message)
    })
  }

  it('takes a response that ends too early as refused', async () => {
    const cut: Respond = (response) => {
      response.writeHead(200, { 'Content-Length': '10' }).write('x')
      response.socket?.end()
    }
    await rejected(inTime(post(cut), 'it is refused'))
  })

  it('rejects with the reason of the system, without the address of the receiver having secrets', async () => {
    const server = net.createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as net.AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const url = new URL(`http://alice:s3cret@127.0.0.1:${port}/?key=s3cret`)
    const error = await rejected(postEvents({ url }, [event], signal))
    expect(error.message).to.equal(`connect ECONNREFUSED 127.0.0.1:${port}`)
  })

  it('rejects with the reason of the signal as soon as it aborts, also in the middle of a body', async () => {
    for (const respond of [() => {}, (response) => void response.write('{')] as Respond[]) {
      receiver.respond = respond
      const controller = new AbortController()
      const before = receiver.requests.length
      const posted = rejected(postEvents({ url: new URL(receiver.url) }, [event], controller.signal))
      await until(() => receiver.requests.length > before, 'it is received')
      controller.abort(new Error('too late'))
      expect(await inTime(posted, 'it rejects')).to.have.property('message', 'too late')
    }
  })
})
