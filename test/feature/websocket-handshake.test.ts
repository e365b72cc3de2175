import { expect } from 'chai'
import { HttpError, type Server } from 'tribind'
import { type Around, openRaw, overHttp1, rawExchange, type Send, until } from './both-ways.ts'
import { connect, upgradeHead } from './websocket-client.ts'

const head = upgradeHead

function echo(server: Server) {
  server.bindWebSocket('/', (socket) => void socket.on('message', (data: Buffer) => socket.send(data.toString())))
  server.get('/next', () => 'next')
}

/** That the server serves on, pages and sockets. */
async function servesOn(send: Send, { port }: Around): Promise<void> {
  expect((await send('/next')).text).to.equal('next')
  const { socket, messages, closed } = await connect(port, '/')
  socket.send('still there')
  await until(() => messages[0] === 'still there', 'it answers')
  socket.close()
  await closed
}

describe('what comes before a WebSocket', () => {
  const refusals: Record<string, (server: Server) => unknown> = {
    'a hook that sets a status': (server) =>
      server.bindHookHandler('/private/*', 'BeforeServe', ({ response }) => void (response.status = 401)),
    'a hook that writes': (server) =>
      server.bindHookHandler('/private/*', 'BeforeServe', ({ response }) => response.writeStatus(401)),
    'a hook that leaves with exitAll': (server) =>
      server.bindHookHandler('/private/*', 'BeforeServe', (request) => {
        request.response.writeStatus(401)
        request.exitAll()
      }),
    'a hook that throws': (server) =>
      server.bindHookHandler('/private/*', 'BeforeServe', () => {
        throw new HttpError(401, 'Unauthorized')
      }),
    'middleware that does not go on': (server) => server.use((request) => request.response.writeStatus(401)),
    'middleware of a pattern': (server) =>
      server.bindMiddleware('/private/*', async (request) => {
        await Promise.resolve()
        request.response.writeStatus(401)
      }),
    'middleware that throws after it went on': (server) =>
      server.use(async (_request, next) => {
        await next()
        throw new HttpError(401, 'Unauthorized')
      }),
    'middleware that changes its mind': (server) =>
      server.use(async ({ response }, next) => {
        await next()
        response.writeStatus(401)
      }),
    'middleware that leaves with exitAll': (server) =>
      server.use((request) => {
        request.response.writeStatus(401)
        request.exitAll()
      }),
    'a later hook that throws': (server) =>
      server.bindHookHandler('/private/*', 'BeforeOutput', () => {
        throw new HttpError(401, 'Unauthorized')
      }),
    'middleware that answers through node:http': (server) =>
      server.use(({ response }) => {
        response.raw.statusCode = 401
        response.raw.end('Unauthorized')
      }),
  }
  for (const [what, register] of Object.entries(refusals)) {
    overHttp1(
      `${what} is the answer, and there is no WebSocket`,
      (server) => {
        let opened = 0
        register(server)
        server.bindWebSocket('/private/:room', () => void opened++)
        server.bindHookHandler('/*', 'AfterOutput', () => {})
        return () => opened
      },
      async (_send, opened, { port }) => {
        for (let i = 0; i < 2; i++) {
          const answer = await rawExchange(port, head('/private/a'))
          expect(answer).to.match(/^HTTP\/1\.1 401 Unauthorized\r\n/)
          if (what !== 'a hook that sets a status') expect(answer).to.match(/Unauthorized$/)
        }
        expect(opened()).to.equal(0)
      },
    )
  }

  overHttp1(
    'has its say in one place: cookie and header go with the 101, and only the group is guarded',
    (server) => {
      const seen: unknown[] = []
      const guarded = server.group('/private')
      guarded.use(async (request, next) => {
        if (request.cookie.get('user') === undefined) throw new HttpError(401, 'Who are you?')
        request.context.set('user', request.cookie.get('user'))
        request.response.setHeader('X-User', 'known')
        request.response.addHeader('X-Two', ['1', '2'])
        request.response.setHeader('Content-Type', 'text/plain')
        request.cookie.set('last', 'now')
        request.response.raw.setHeader('X-Raw', 'raw')
        await next()
      })
      guarded.bindWebSocket('/:room', (_socket, request) => seen.push(request.context.get('user')))
      guarded.get('/:room', () => 'page')
      server.bindWebSocket('/public', () => seen.push('public'))
      return seen
    },
    async (send, seen, { port }) => {
      const { upgrade, socket } = await connect(port, '/private/a', { headers: { cookie: 'user=ann' } })
      expect(upgrade.headers).to.include({ 'x-user': 'known', 'x-two': '1, 2', 'x-raw': 'raw' })
      expect(upgrade.headers).to.not.have.property('content-type')
      expect(upgrade.headers['set-cookie']).to.deep.equal(['last=now; Path=/; HttpOnly; SameSite=Lax'])
      socket.close()
      const open = await connect(port, '/public')
      open.socket.close()
      await until(() => seen.length === 2, 'both are open')
      expect(seen).to.deep.equal(['ann', 'public'])
      expect(await rawExchange(port, head('/private/a'))).to.match(/^HTTP\/1\.1 401 [^]*Who are you\?$/)
      expect((await send('/private/a')).status).to.equal(401)
    },
  )

  overHttp1(
    'may fail after the 101 without harm to the socket',
    (server) => {
      server.bindHookHandler('/', 'AfterOutput', () => {
        throw new Error('late')
      })
      echo(server)
    },
    async (send, _world, around) => {
      await servesOn(send, around)
      expect(around.log.filter(({ level }) => level === 'error')).to.have.lengthOf(1)
    },
  )
})

describe('the handshake of a WebSocket', () => {
  const bad: Record<string, [text: string, status: number]> = {
    'no key': [head('/', { 'Sec-WebSocket-Key': undefined }), 400],
    'a short key': [head('/', { 'Sec-WebSocket-Key': 'abc=' }), 400],
    'a key that is not base64': [head('/', { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' }), 400],
    'two keys': [
      head('/', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' }),
      400,
    ],
    'no version': [head('/', { 'Sec-WebSocket-Version': undefined }), 400],
    'no version that there is': [head('/', { 'Sec-WebSocket-Version': 'x' }), 400],
    'an old version': [head('/', { 'Sec-WebSocket-Version': '8' }), 426],
    'another method': [head('/', { 'Content-Length': '0' }, 'POST'), 400],
    'broken protocols': [head('/', { 'Sec-WebSocket-Protocol': 'a,,b' }), 400],
    'the same protocol twice': [head('/', { 'Sec-WebSocket-Protocol': 'a, a' }), 400],
    'two hosts': [head('/', { Host: 'a\r\nHost: b' }), 400],
    'a bad host': [head('/', { Host: 'a,b' }), 400],
    'a path that leaves': [head('/x/%2e%2e/'), 400],
    'a path that cannot be decoded': [head('/%zz'), 400],
    'an unknown path': [head('/nowhere'), 404],
    'another origin': [head('/', { Origin: 'https://evil.example' }), 403],
    'the origin of another port': [head('/', { Host: '127.0.0.1:80', Origin: 'http://127.0.0.1:81' }), 403],
    'the origin of a sandbox': [head('/', { Origin: 'null' }), 403],
    'an origin that is none': [head('/', { Origin: '127.0.0.1' }), 403],
    'the origin of a file': [head('/', { Origin: 'file://127.0.0.1' }), 403],
  }
  for (const [what, [text, status]] of Object.entries(bad)) {
    overHttp1(`with ${what} is answered ${status}`, echo, async (send, _world, around) => {
      const answer = await rawExchange(around.port, text)
      expect(answer)
        .to.match(new RegExp(`^HTTP/1\\.1 ${status} `))
        .and.contain('Connection: close')
      if (status === 426) expect(answer).to.contain('Sec-WebSocket-Version: 13\r\n')
      expect(around.log.filter(({ level }) => level === 'error')).to.be.empty
      await servesOn(send, around)
    })
  }

  for (const [what, fields] of Object.entries({
    'no origin': {},
    'its own origin': { Host: 'a.com:8080', Origin: 'https://A.com:8080' },
    'its own origin on the usual port': { Host: 'a.com', Origin: 'https://a.com:443' },
    'a listed origin': { Host: 'listed', Origin: 'https://app.example.com' },
  })) {
    overHttp1(
      `with ${what} is a WebSocket`,
      (server) => server.bindWebSocket('/', (socket) => socket.close(), { origins: ['https://app.example.com'] }),
      async (_send, _world, { port }) => {
        const { socket, answer } = await openUpgrade(port, head('/', fields))
        expect(answer).to.match(/^HTTP\/1\.1 101 /)
        socket.destroy()
      },
    )
  }

  overHttp1(
    'may be open to all origins, or to those a function chooses',
    (server) => {
      server.bindWebSocket('/all', (socket) => socket.close(), { origins: '*' })
      server.bindWebSocket('/some', (socket) => socket.close(), {
        origins: async (origin, request) => Promise.resolve(origin.endsWith('.example') && request.path === '/some'),
      })
    },
    async (_send, _world, { port }) => {
      const ask = async (path: string, origin: string) => {
        const { socket, answer } = await openUpgrade(port, head(path, { Origin: origin }))
        socket.destroy()
        return answer
      }
      expect(await ask('/all', 'null')).to.contain(' 101 ')
      expect(await ask('/some', 'https://a.example')).to.contain(' 101 ')
      expect(await ask('/some', 'https://a.test')).to.contain(' 403 ')
    },
  )

  overHttp1(
    'agrees upon a protocol that both know, or none',
    (server) => {
      server.bindWebSocket('/none', () => {})
      server.bindWebSocket('/list', () => {}, { protocols: ['v2', 'v1'] })
      server.bindWebSocket('/choice', () => {}, { handleProtocols: (offered) => [...offered].at(-1) ?? false })
      server.bindWebSocket('/wrong', () => {}, { handleProtocols: () => 'x\r\nX-Split: 1' })
    },
    async (_send, _world, { port }) => {
      const ask = async (path: string, offered: string) => {
        const { socket, answer } = await openUpgrade(port, head(path, { 'Sec-WebSocket-Protocol': offered }))
        socket.destroy()
        return /Sec-WebSocket-Protocol: (.*)\r/.exec(answer)?.[1] ?? answer.slice(9, 12)
      }
      expect(await ask('/none', 'v1')).to.equal('101')
      expect(await ask('/list', 'v0, v1, v2')).to.equal('v1')
      expect(await ask('/list', 'v0')).to.equal('101')
      expect(await ask('/choice', 'a, b')).to.equal('b')
      expect(await ask('/wrong', 'a')).to.equal('500')
    },
  )

  for (const [what, text] of Object.entries({
    'a WebSocket': head('/nowhere'),
    'something else': 'GET /next HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n',
  })) {
    overHttp1(
      `for ${what} waits for the answers to the requests before it`,
      (server) => {
        echo(server)
        server.bindHandler('GET:/slow/:n', async (request) => {
          await new Promise((resolve) => setTimeout(resolve, 20))
          return `slow ${request.params.n}.`
        })
      },
      async (send, _world, around) => {
        const slow = (n: number) => `GET /slow/${n} HTTP/1.1\r\nHost: a\r\n\r\n`
        const answer = await rawExchange(around.port, slow(1) + slow(2) + text)
        expect(answer).to.match(/^HTTP\/1\.1 200 [^]*slow 1\.HTTP\/1\.1 200 [^]*slow 2\.HTTP\/1\.1 (404|200) /)
        const left = await openRaw(around.port, slow(1) + text)
        await new Promise((resolve) => setTimeout(resolve, 5))
        left.socket.resetAndDestroy()
        await servesOn(send, around)
      },
    )
  }

  const ignored: Record<string, string> = {
    'another protocol': 'GET /next HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    'several protocols': 'GET /next HTTP/1.1\r\nHost: a\r\nConnection: x, upgrade\r\nUpgrade: h2c, foo/1\r\n\r\n',
    'HTTP/1.0': head('/next')
      .replace('HTTP/1.1', 'HTTP/1.0')
      .replace('Connection: Upgrade', 'Connection: Upgrade, keep-alive'),
    'a body': 'POST /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nnext',
  }
  for (const [what, text] of Object.entries(ignored)) {
    overHttp1(
      `of something else is a plain request, on a connection that goes on: ${what}`,
      (server) => {
        echo(server)
        server.post('/echo', async ({ raw }) => {
          let body = ''
          for await (const chunk of raw.setEncoding('utf8')) body += chunk as string
          return body
        })
      },
      async (send, _world, around) => {
        const answer = await rawExchange(
          around.port,
          `${text}GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
        )
        const statuses =
          what === 'HTTP/1.0' ? /^HTTP\/1\.1 200 [^]*next/ : /^HTTP\/1\.1 200 [^]*nextHTTP\/1\.1 200 [^]*next$/
        expect(answer).to.match(statuses)
        await servesOn(send, around)
      },
    )
  }
})

/** What comes back first, on a connection that stays open. */
async function openUpgrade(port: number, text: string) {
  const { socket, received } = await openRaw(port, text)
  await until(() => received().includes('\r\n\r\n'), 'the head is there')
  return { socket, answer: received() }
}
