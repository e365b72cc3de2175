import { expect } from 'chai'
import { ConfigError, csrf, csrfToken, type Server } from 'tribind'
import { type Around, bothWays, callUntyped, type Options, type Send, thrownBy } from './both-ways.ts'

const storages: Record<string, Options> = {
  session: { session: { secret: 'a secret of more than 32 characters!' } },
  cookie: { cookieSecret: 'another secret of more than 32 characters' },
}

function register(server: Server): void {
  server.use(csrf({ origins: ['https://app.example'] }))
  server.get('/page', (request) => `${csrfToken(request)} ${csrfToken(request)}`)
  server.all('/act', async (request) => `${request.method} ${JSON.stringify(await request.text())}`)
  server.post('/form', async (request) => request.form())
}

/** Opens the page, as a client without cookies. */
async function openPage(send: Send): Promise<{ cookie: string; tokens: string[] }> {
  const page = await send({ url: '/page' })
  return { cookie: (page.header('set-cookie') ?? '').split(';')[0] ?? '', tokens: page.text.split(' ') }
}

for (const [storage, options] of Object.entries(storages)) {
  describe(`csrf with its secret in a ${storage}`, () => {
    bothWays(
      'lets in who brings a token of the same client',
      register,
      async (send) => {
        const [ann, eve] = [await openPage(send), await openPage(send)]
        const act = async (headers: Record<string, string>) =>
          (await send({ method: 'POST', url: '/act', headers, body: 'b' })).status
        expect(new Set([...ann.tokens, ...eve.tokens])).to.have.lengthOf(4)
        const [token = '', another = ''] = ann.tokens
        for (const good of [token, another, token])
          expect(await act({ cookie: ann.cookie, 'x-csrf-token': good })).to.equal(200)
        const bad = ['', 'x', token.slice(0, -1), `${token}A`, token.replace('.', ''), eve.tokens[0] ?? '']
        for (const other of bad) expect(await act({ cookie: ann.cookie, 'x-csrf-token': other }), other).to.equal(403)
        expect(await act({ cookie: ann.cookie })).to.equal(403)
        expect(await act({ 'x-csrf-token': token })).to.equal(403)
        expect(await act({ cookie: eve.cookie, 'x-csrf-token': token })).to.equal(403)
        const [name = ''] = ann.cookie.split('=')
        expect(await act({ cookie: `${name}=forged`, 'x-csrf-token': token })).to.equal(403)
      },
      options,
    )

    bothWays(
      'takes the token of a form, and leaves the form to the handler',
      register,
      async (send) => {
        const { cookie, tokens } = await openPage(send)
        const post = (body: string, type: string) =>
          send({ method: 'POST', url: '/form', headers: { cookie, 'content-type': type }, body })
        const urlencoded = 'application/x-www-form-urlencoded'
        const sent = await post(`_csrf=${tokens[0]}&a=1`, urlencoded)
        expect(JSON.parse(sent.text)).to.deep.equal({ _csrf: tokens[0], a: '1' })
        const part = (name: string, value = '') =>
          `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
        const multipart = await post(
          `${part('_csrf', tokens[1])}${part('a', '2')}--x--\r\n`,
          'multipart/form-data; boundary=x',
        )
        expect(JSON.parse(multipart.text)).to.deep.equal({ _csrf: tokens[1], a: '2' })
        expect((await post('a=1', urlencoded)).status).to.equal(403)
        expect((await post(`_csrf=${tokens[0]}&_csrf=${tokens[0]}`, urlencoded)).status).to.equal(403)
        expect((await post(`_csrf=${tokens[0]}`, 'text/plain')).status).to.equal(403)
      },
      options,
    )

    bothWays(
      'believes what browsers say of the page, and asks others for a token',
      register,
      async (send) => {
        const { cookie, tokens } = await openPage(send)
        const act = async (headers: Record<string, string>, isKnown: boolean, method = 'POST') => {
          const known = isKnown ? { cookie, 'x-csrf-token': tokens[0] ?? '' } : {}
          const host = 'shop.example:8443'
          return (await send({ method, url: '/act', host, headers: { ...headers, ...known } })).status
        }
        const passes: Record<string, string>[] = [
          { 'sec-fetch-site': 'same-origin' },
          { 'sec-fetch-site': 'same-origin', origin: 'null' },
          { 'sec-fetch-site': 'none' },
          { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' },
          { origin: 'https://app.example' },
        ]
        const needsToken: Record<string, string>[] = [
          {},
          { origin: 'null' },
          { origin: 'https://shop.example:8443' },
          { origin: 'http://shop.example:8443' },
        ]
        const refused: Record<string, string>[] = [
          { 'sec-fetch-site': 'same-site', origin: 'https://www.shop.example' },
          { 'sec-fetch-site': 'cross-site', origin: 'null' },
          { 'sec-fetch-site': 'cross-site', origin: 'https://app.example.evil' },
          { 'sec-fetch-site': 'new-word' },
          { origin: 'https://shop.example' },
          { origin: 'http://app.example' },
          { origin: 'no origin' },
        ]
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
          for (const [all, ...statuses] of [
            [passes, 200, 200],
            [needsToken, 403, 200],
            [refused, 403, 403],
          ] as const)
            for (const headers of all)
              expect(
                [await act(headers, false, method), await act(headers, true, method)],
                JSON.stringify(headers),
              ).to.deep.equal(statuses)
        }
        for (const headers of refused)
          expect((await send({ url: '/act', headers, host: 'shop.example:8443' })).status).to.equal(200)
      },
      options,
    )
  })
}

describe('csrf', () => {
  bothWays(
    'keeps its cookie from scripts, and over TLS from other hosts',
    register,
    async (send, _world, { isSecure }: Around) => {
      const line = (await send({ url: '/page' })).header('set-cookie') ?? ''
      expect(line.split('=')[0]).to.equal(isSecure ? '__Host-csrf' : 'csrf')
      expect(line)
        .to.match(/; HttpOnly/)
        .and.match(/; SameSite=Lax/)
      expect(line.includes('; Secure')).to.equal(isSecure)
    },
    storages['cookie'],
  )

  bothWays(
    'sets no cookie for a page without a token, and tells a route that it does not guard',
    (server) => {
      server.get('/unguarded', (request) => thrownBy(() => csrfToken(request)).message)
      server.bindMiddleware('/guarded', csrf())
      server.get('/guarded', () => 'in')
    },
    async (send) => {
      expect((await send({ url: '/guarded' })).header('set-cookie')).to.equal(undefined)
      expect((await send({ url: '/unguarded' })).text).to.match(/needs the middleware csrf\(\)/)
    },
    storages['cookie'],
  )

  bothWays('asks for a secret where it has none to sign with', register, async (send, _world, { log }) => {
    expect((await send({ url: '/page' })).status).to.equal(500)
    expect(JSON.stringify(log.map(({ fields }) => String((fields as { error?: unknown }).error)))).to.match(
      /cookieSecret/,
    )
  })

  it('names what it does not take', () => {
    for (const options of [
      { storage: 'file' },
      { field: '' },
      { header: 'a b' },
      { origins: ['https://a/'] },
      { x: 1 },
    ]) {
      const error = thrownBy(() => callUntyped({ csrf }, 'csrf', options))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.match(/^csrf: /)
    }
  })
})
