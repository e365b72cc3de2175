import { once } from 'node:events'
import { expect } from 'chai'
import { ConfigError, Server } from 'tribind'
import { createTestClient, createTestServer, type TestClient, type TestClientOptions, whenIdle } from 'tribind/testing'
import { expectTypeOf } from 'expect-type'
import { collectingLogger, gate, rejected } from '../feature/both-ways.ts'

type Make = (options?: TestClientOptions) => TestClient

/** Defines the case twice: for a client of a server that never started, and of one that runs. */
function bothWays<World>(
  name: string,
  register: (server: Server) => World,
  run: (make: Make, world: World, server: Server) => Promise<void>,
): void {
  it(`${name} [inject]`, async () => {
    const server = new Server({ logger: collectingLogger() })
    const world = register(server)
    await run((options) => createTestClient(server, options), world, server)
    expect(server.state).to.equal('created')
  })
  it(`${name} [socket]`, async () => {
    const worlds: World[] = []
    await using server = await createTestServer((server) => worlds.push(register(server)))
    await run((options) => server.client(options), worlds[0] as World, server.server)
  })
}

const echo = (server: Server) => {
  server.all('/*', async (request) => ({
    method: request.method,
    url: request.url,
    type: request.header('content-type') ?? null,
    thing: request.header('x-thing') ?? null,
    host: request.host,
    text: await request.text(),
  }))
}

describe('a test client: requests', () => {
  bothWays('are made by every method', echo, async (make) => {
    const client = make()
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      expect((await client[method]('/x')).json()).to.include({ method: method.toUpperCase(), url: '/x', text: '' })
    }
    expect((await client.request('QUERY', '/x')).json()).to.include({ method: 'QUERY' })
    const head = await client.head('/x')
    expect([head.status, head.body.length]).to.deep.equal([200, 0])
    expect(Number(head.headers['content-length'])).to.be.above(0)
  })

  bothWays('go out with their path as it is', echo, async (make) => {
    expect((await make().get('/a//b/../c?q=ä')).status).to.equal(400)
    expect((await make().get('/a//b?q=%41')).json()).to.include({ url: '/a//b?q=%41' })
  })

  bothWays('carry JSON', echo, async (make) => {
    for (const value of [{ a: ['ä'] }, [], null, false, 'text']) {
      const answer = await make().post('/', { json: value })
      expect(answer.json()).to.include({ type: 'application/json', text: JSON.stringify(value) })
    }
  })

  bothWays('carry a form', echo, async (make) => {
    const { type, text } = (await make().post('/', { form: { a: 'x y&z', n: 1, on: true, more: ['1', '2'] } })).json<{
      type: string
      text: string
    }>()
    expect(type).to.match(/^application\/x-www-form-urlencoded/)
    expect(text).to.equal('a=x+y%26z&n=1&on=true&more=1&more=2')
  })

  bothWays(
    'carry a multipart form',
    (server) => {
      server.post('/', async (request) => {
        const file = await request.file('photo')
        return { ...(await request.form()), name: file?.filename, size: file?.size, type: file?.type }
      })
    },
    async (make) => {
      const body = new FormData()
      body.set('title', 'Me')
      body.set('photo', new Blob(['12345'], { type: 'image/png' }), 'me.png')
      const answer = await make().post('/', { body })
      expect(answer.json()).to.deep.equal({ title: 'Me', name: 'me.png', size: 5, type: 'image/png' })
    },
  )

  bothWays('carry text, bytes and blobs, with a type where fetch gives one', echo, async (make) => {
    const send = async (body: string | Uint8Array | Blob) => (await make().post('/', { body })).json<object>()
    expect(await send('täxt')).to.include({ type: 'text/plain;charset=UTF-8', text: 'täxt' })
    expect(await send(Buffer.from('bytes'))).to.include({ type: null, text: 'bytes' })
    expect(await send(new Blob(['<b>'], { type: 'text/html' }))).to.include({ type: 'text/html', text: '<b>' })
  })

  bothWays('carry header fields of their own, and those of the client', echo, async (make) => {
    const client = make({ headers: { 'X-Thing': 'of the client', host: 'shop.example' } })
    expect((await client.get('/')).json()).to.include({ thing: 'of the client', host: 'shop.example' })
    expect((await client.get('/', { headers: { 'x-THING': 'own' } })).json()).to.include({ thing: 'own' })
    const typed = await client.post('/', { json: {}, headers: { 'Content-Type': 'application/vnd.api+json' } })
    expect(typed.json()).to.include({ type: 'application/vnd.api+json' })
  })

  bothWays('have one body', echo, async (make) => {
    const error = await rejected(make().post('/', { json: {}, body: 'x' }))
    expect(error).to.be.instanceOf(ConfigError)
    expect(error.message).to.include('json and body')
  })

  bothWays(
    'can be given up, before and in the midst of the answer',
    (server) => {
      const { opened, open } = gate()
      const ended: string[] = []
      server.get('/slow', async ({ signal }) => {
        open()
        await once(signal, 'abort')
        ended.push('handler')
      })
      const leaving = new AbortController()
      server.get('/stream', async function* () {
        try {
          yield 'x'
          leaving.abort(new Error('enough'))
          for (;;) {
            await new Promise(setImmediate)
            yield 'x'
          }
        } finally {
          ended.push('stream')
        }
      })
      return { opened, ended, leaving }
    },
    async (make, { opened, ended, leaving }, server) => {
      const first = new AbortController()
      const failed = rejected(make().get('/slow', { signal: first.signal }))
      await opened
      first.abort()
      expect((await failed).name).to.equal('AbortError')
      expect((await rejected(make().get('/stream', { signal: leaving.signal }))).message).to.equal('enough')
      await whenIdle(server)
      expect(ended).to.deep.equal(['handler', 'stream'])
    },
  )
})

describe('a test client: answers', () => {
  bothWays(
    'have status, headers, body, text and json, and where they came from',
    (server) => server.get('/', ({ response }) => response.writeStatus(418, '{"a":1}')),
    async (make) => {
      const answer = await make().get('/?x')
      expect(answer.status).to.equal(418)
      expect(answer.headers['content-length']).to.equal('7')
      expect(answer.body).to.deep.equal(Buffer.from('{"a":1}'))
      expect(answer.text()).to.equal('{"a":1}')
      const value = answer.json<{ a: number }>()
      expectTypeOf(value).toEqualTypeOf<{ a: number }>()
      expect(value).to.deep.equal({ a: 1 })
      expect(answer.url).to.equal('/?x')
    },
  )
})

describe('a test client: redirects', () => {
  const redirecting = (server: Server) => {
    for (const status of [301, 302, 303, 307, 308] as const)
      server.all(`/${status}`, ({ response }) => response.redirectTo('/end?x=1', status))
    server.get('/far/:n', ({ params, response }) =>
      response.redirectTo(Number(params.n) > 0 ? `${Number(params.n) - 1}` : '/end'),
    )
    server.get('/away', ({ response }) => response.redirectTo('https://accounts.example/login'))
    server.get('/here', ({ response, host }) => response.redirectTo(`http://${host}/end`))
    server.all('/end', async (request) => [request.method, await request.text(), request.header('content-type') ?? ''])
  }

  bothWays('are the answer, where the client was not told to follow them', redirecting, async (make) => {
    const answer = await make().get('/302')
    expect([answer.status, answer.headers.location, answer.url]).to.deep.equal([302, '/end?x=1', '/302'])
  })

  bothWays('are followed as a browser does, when told', redirecting, async (make) => {
    const client = make({ redirects: 5 })
    const post = async (status: number) => (await client.post(`/${status}`, { json: 1 })).json()
    for (const status of [301, 302, 303]) expect(await post(status), `${status}`).to.deep.equal(['GET', '', ''])
    for (const status of [307, 308]) expect(await post(status)).to.deep.equal(['POST', '1', 'application/json'])
    expect((await client.put('/302', { body: 'x' })).json<string[]>()[0]).to.equal('PUT')
    expect((await client.head('/303')).status).to.equal(200)
    expect((await client.get('/303')).url).to.equal('/end?x=1')
    expect((await client.get('/302', { redirects: 0 })).status).to.equal(302)
  })

  bothWays('are followed so far and no farther', redirecting, async (make) => {
    const answer = await make().get('/far/5', { redirects: 2 })
    expect([answer.status, answer.url]).to.deep.equal([302, '/far/3'])
    expect((await make().get('/far/2', { redirects: 9 })).url).to.equal('/end')
  })

  bothWays('to another host are the answer', redirecting, async (make) => {
    expect((await make({ redirects: 5 }).get('/away')).headers.location).to.equal('https://accounts.example/login')
    expect((await make({ redirects: 5, headers: { host: 'a.example' } }).get('/here')).url).to.equal('/end')
  })
})
