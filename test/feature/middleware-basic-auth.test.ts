import { scryptSync } from 'node:crypto'
import { expect } from 'chai'
import { basicAuth, ConfigError, cors, fixedUsers, hashPassword, Server } from 'tribind'
import { bothWays, callUntyped, rejected, thrownBy } from './both-ways.ts'

const makers = { basicAuth, fixedUsers }

function expectConfigErrors(maker: keyof typeof makers, bad: readonly [unknown, string][]): void {
  for (const [options, name] of bad) {
    const error = thrownBy(() => callUntyped(makers, maker, options))
    expect(error).to.be.instanceOf(ConfigError)
    expect(error.message).to.include(name)
  }
}

describe('basicAuth', () => {
  const basic = (text: string | Buffer) => `Basic ${Buffer.from(text).toString('base64')}`
  const users = fixedUsers({ ann: 'right', jürgen: 'gehe:im', __proto__x: 'x' })

  bothWays(
    'lets in who has the password and says who it is',
    (server) => {
      const ran: string[] = []
      server.bindStatusHandler(401, (request) => request.response.write(`${request.response.buffer().toString()}!`))
      server.bindMiddleware('/private/*', basicAuth({ verify: users, realm: 'The "vault"' }))
      server.bindHandler('/private/*', (request) => {
        ran.push('service')
        return request.context.get('user')
      })
      server.get('/', () => 'public')
      return ran
    },
    async (send, ran, { log }) => {
      const ask = (authorization?: string) =>
        send({ url: '/private/x', headers: authorization === undefined ? {} : { authorization } })
      expect((await ask(basic('ann:right'))).text).to.equal('ann')
      expect((await ask(basic('jürgen:gehe:im'))).text).to.equal('jürgen')
      expect((await ask(basic('ann:right').replace('Basic', 'bAsIc'))).text).to.equal('ann')
      ran.length = 0
      const refused = [
        undefined,
        '',
        'Basic',
        'Basic ',
        'Basic !!!!',
        'Basic =',
        basic('ann'),
        basic('ann:'),
        basic('ann:wrong'),
        basic('ann:right '),
        basic('Ann:right'),
        basic(':'),
        basic(':right'),
        basic('nobody:'),
        basic('__proto__:right'),
        basic('constructor:x'),
        basic('ann:right\0'),
        basic(Buffer.from([0x61, 0x3a, 0xff, 0xfe])),
        `${basic('ann:right')} ${basic('ann:right')}`,
        `Bearer ${Buffer.from('ann:right').toString('base64')}`,
        basic('x'.repeat(8000)),
      ]
      for (const authorization of refused) {
        const { status, text, header } = await ask(authorization)
        expect([status, text, header('www-authenticate')], authorization).to.deep.equal([
          401,
          'Unauthorized!',
          'Basic realm="The \\"vault\\"", charset="UTF-8"',
        ])
      }
      expect(ran).to.deep.equal([])
      expect(log.filter(({ level }) => level !== 'debug')).to.deep.equal([])
      expect((await send('/')).text).to.equal('public')
    },
  )

  bothWays(
    'asks a function, which may be async; nothing but true lets in, and a failure is one',
    (server) => {
      server.use(cors({ origin: 'https://a.example' }))
      server.use(
        basicAuth({
          verify: async (user, password, request) => {
            await Promise.resolve()
            if (user === 'broken') throw new Error('secret')
            if (user === 'odd') return 'yes' as unknown as boolean
            return password === request.path
          },
        }),
      )
      server.get('/x', () => 'in')
    },
    async (send) => {
      const ask = (text: string) => send({ url: '/x', headers: { authorization: basic(text) } })
      expect((await ask('any:/x')).text).to.equal('in')
      for (const [text, status] of [
        ['any:/y', 401],
        ['odd:/x', 401],
        ['broken:/x', 500],
      ] as const)
        expect((await ask(text)).status).to.equal(status)
      const preflight = { origin: 'https://a.example', 'access-control-request-method': 'GET' }
      expect((await send({ method: 'OPTIONS', url: '/x', headers: preflight })).status).to.equal(204)
      const unrouted = await send('/nowhere')
      expect([unrouted.status, unrouted.header('www-authenticate')]).to.deep.equal([
        401,
        'Basic realm="Restricted", charset="UTF-8"',
      ])
    },
  )

  /** How long an answer takes, in milliseconds. */
  const timeOf = async (act: () => Promise<unknown>) => {
    const start = performance.now()
    await act()
    return performance.now() - start
  }

  bothWays(
    'knows users by the hashes of their passwords',
    (server) => {
      const known: Record<string, string> = {
        // From scryptSync('a secret', 'salt', 32) of Node.js.
        ann: `scrypt:${Buffer.from('salt').toString('base64')}:${scryptSync('a secret', 'salt', 32).toString('base64')}`,
        bob: `scrypt:c2FsdA:${scryptSync('Pässwort', 'salt', 128).toString('base64')}`,
        eve: 'plain:a:b',
      }
      server.bindMiddleware('/all', basicAuth({ users: known, realm: 'shop' }))
      server.bindMiddleware('/plain', basicAuth({ users: { eve: 'plain:a:b' } }))
      server.get('/*', (request) => request.context.get('user'))
    },
    async (send) => {
      const ask = async (text: string, url = '/all') => {
        const { status, text: body, header } = await send({ url, headers: { authorization: basic(text) } })
        return status === 401 ? header('www-authenticate') : body
      }
      for (const [text, user] of [
        ['ann:a secret', 'ann'],
        ['bob:Pässwort', 'bob'],
        ['eve:a:b', 'eve'],
      ] as const) {
        expect(await ask(text)).to.equal(user)
        expect(await ask(text), 'once more').to.equal(user)
      }
      const refused = [
        'ann:a secre',
        'ann:A secret',
        'bob:a secret',
        'eve:a',
        'eve:plain:a:b',
        'zoe:a secret',
        '__proto__:x',
      ]
      for (const text of refused) expect(await ask(text), text).to.equal('Basic realm="shop", charset="UTF-8"')
      expect(await ask('eve:a:b', '/plain')).to.equal('eve')
      for (const text of ['eve:', 'zoe:a:b', 'zoe:']) expect(await ask(text, '/plain'), text).to.include('Basic')
    },
  )

  it('derives no key again for a password that was right, and one for requests that come together', async () => {
    const server = new Server()
    server.use(basicAuth({ users: { ann: await hashPassword('a secret'), eve: 'plain:x' } }))
    server.get('/', () => 'in')
    const ask = (text: string) => server.inject({ url: '/', headers: { authorization: basic(text) } })
    const together = Array.from({ length: 50 }, () => ask('ann:a secret'))
    const first = await timeOf(async () => {
      for (const { status } of await Promise.all(together)) expect(status).to.equal(200)
    })
    const wrong = await timeOf(() => ask('ann:wrong'))
    const unknown = await timeOf(() => ask('zoe:wrong'))
    const wrongPlain = await timeOf(() => ask('eve:wrong'))
    const right = await timeOf(() => ask('ann:a secret'))
    expect(first, 'as one').to.be.below(wrong * 15)
    for (const time of [wrong, unknown, wrongPlain]) expect(time).to.be.above(right * 2)
  })

  it('makes other hashes of a password each time', async () => {
    const [one, other] = [await hashPassword('a secret'), await hashPassword('a secret')]
    expect(one).to.match(/^scrypt:[A-Za-z0-9+/]{22}==:[A-Za-z0-9+/]{43}=$/)
    expect(one).to.not.equal(other)
    expect(await rejected(callUntyped({ hashPassword }, 'hashPassword', '') as Promise<unknown>)).to.be.instanceOf(
      ConfigError,
    )
  })

  it('names a user that it can not read, and never the value', () => {
    const hash = Buffer.alloc(32).toString('base64')
    for (const [user, text] of [
      ['ann', 'TOPSECRET'],
      ['ann', 'plain:'],
      ['ann', 'scrypt:TOPSECRET'],
      ['ann', `scrypt::${hash}`],
      ['ann', `scrypt:c2FsdA==:${Buffer.alloc(15).toString('base64')}`],
      ['ann', `scrypt:c2FsdA==:${Buffer.alloc(129).toString('base64')}`],
      ['ann', `scrypt:TOP SECRET:${hash}`],
      ['ann', `scrypt:c2FsdA==:${hash}:TOPSECRET`],
      ['ann', `bcrypt:c2FsdA==:${hash}`],
      ['ann', 7],
      ['ann', null],
      ['a:b', 'plain:TOPSECRET'],
      ['a\nb', 'plain:TOPSECRET'],
    ] as const) {
      const { message } = thrownBy(() =>
        callUntyped({ basicAuth }, 'basicAuth', { users: { eve: 'plain:x', [user]: text } }),
      )
      expect(message)
        .to.include(`option "users", user ${JSON.stringify(user)}: `)
        .and.not.match(/TOP|c2Fs|AAAA/)
    }
    expectConfigErrors('basicAuth', [
      [{ users: {} }, '"users"'],
      [{ users: 'TOPSECRET' }, 'option "users" must be'],
      [{ users: { ann: 'plain:x' }, verify: users }, 'exactly one'],
    ])
  })

  it('names an option that it does not take', () => {
    expectConfigErrors('basicAuth', [
      [undefined, 'basicAuth'],
      [{}, '"verify"'],
      [{ verify: { ann: 'x' } }, '"verify"'],
      [{ verify: users, realm: 'a\r\nb' }, '"realm"'],
      [{ verify: users, user: 'ann' }, '"user"'],
    ])
    expectConfigErrors('fixedUsers', [
      [{ 'a:b': 'x' }, '"a:b"'],
      [{ ann: '' }, '"ann"'],
      [{ ann: 7 }, '"ann"'],
    ])
  })
})
