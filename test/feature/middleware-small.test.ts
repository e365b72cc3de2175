import { expect } from 'chai'
import { ConfigError, requestId, securityHeaders } from 'tribind'
import { bothWays, callUntyped, thrownBy } from './both-ways.ts'

const makers = { requestId, securityHeaders }

function expectConfigErrors(maker: keyof typeof makers, bad: readonly [unknown, string][]): void {
  for (const [options, name] of bad) {
    const error = thrownBy(() => callUntyped(makers, maker, options))
    expect(error).to.be.instanceOf(ConfigError)
    expect(error.message).to.include(name)
  }
}

describe('securityHeaders', () => {
  bothWays(
    'sets its fields on every answer; what is inside changes them',
    (server) => {
      server.use(securityHeaders({ xFrameOptions: 'DENY', referrerPolicy: false }))
      server.get('/', (request) => {
        request.response.removeHeader('X-DNS-Prefetch-Control')
        request.response.setHeader('Content-Security-Policy', "default-src 'none'")
        return 'text'
      })
      server.get('/fails', () => {
        throw new Error('secret')
      })
    },
    async (send, _world, { isSecure }) => {
      const { header } = await send('/')
      expect(header('x-content-type-options')).to.equal('nosniff')
      expect(header('x-frame-options')).to.equal('DENY')
      expect(header('cross-origin-opener-policy')).to.equal('same-origin')
      expect(header('content-security-policy')).to.equal("default-src 'none'")
      expect(header('referrer-policy')).to.equal(undefined)
      expect(header('x-dns-prefetch-control')).to.equal(undefined)
      expect(header('strict-transport-security') !== undefined, 'over TLS alone').to.equal(isSecure)
      for (const url of ['/fails', '/nowhere']) {
        const answer = await send(url)
        expect(answer.header('x-content-type-options')).to.equal('nosniff')
        expect(answer.header('content-security-policy')).to.include("default-src 'self'")
      }
    },
  )

  it('names an option that it does not take', () => {
    expectConfigErrors('securityHeaders', [
      [{ frameguard: false }, '"frameguard"'],
      [{ xFrameOptions: true }, '"xFrameOptions"'],
      [{ referrerPolicy: 'a\r\nb' }, '"referrerPolicy"'],
      [{ referrerPolicy: '' }, '"referrerPolicy"'],
    ])
  })
})

describe('requestId', () => {
  bothWays(
    'sends the id of the request, whatever came with it',
    (server) => {
      server.use(requestId())
      server.get('/', (request) => request.id)
    },
    async (send) => {
      const ids = new Set<string>()
      for (let i = 0; i < 3; i++) {
        const { header, text } = await send({ url: '/', headers: { 'x-request-id': 'theirs' } })
        expect(header('x-request-id')).to.equal(text)
        ids.add(text)
      }
      expect(ids.size).to.equal(3)
      expect(ids.has('theirs')).to.equal(false)
      expect((await send('/nowhere')).header('x-request-id')).to.match(/^[\w-]{36}$/)
    },
  )

  bothWays(
    'takes over one that is trusted and looks like one',
    (server) => {
      server.use(requestId({ trust: true, header: 'X-Trace' }))
      server.get('/', (request) => request.id)
      server.get('/fails', () => {
        throw new Error('secret')
      })
    },
    async (send, _world, { log }) => {
      const ask = async (id: string) => {
        const { header, text } = await send({ url: '/', headers: { 'x-trace': id } })
        expect(header('x-trace')).to.equal(text)
        return text
      }
      for (const id of ['1', 'a.b_c~d:e=f@g+h/i-j', 'x'.repeat(128)]) expect(await ask(id)).to.equal(id)
      for (const id of ['x'.repeat(129), 'a b', '<script>', 'a"b', 'é', 'a, b']) expect(await ask(id)).to.not.equal(id)
      await send({ url: '/fails', headers: { 'x-trace': 'mine' } })
      expect(log[0]?.fields).to.have.property('requestId', 'mine')
    },
  )

  it('names an option that it does not take', () => {
    expectConfigErrors('requestId', [
      [{ header: 'a b' }, '"header"'],
      [{ trust: 'yes' }, '"trust"'],
      [{ length: 1 }, '"length"'],
    ])
  })
})
