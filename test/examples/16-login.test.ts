import { expect } from 'chai'
import type { Server } from 'tribind'
import { build } from '../../examples/16-login/main.ts'

describe('examples/16-login', () => {
  let server: Server
  before(async () => {
    server = build()
    server.setPort(0)
    await server.start()
  })
  after(() => server.stop())

  const ask = (path: string, cookie = '', form?: Record<string, string>): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}${path}`, {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
  const logIn = (name: string, password: string, cookie?: string): Promise<Response> =>
    ask('/login', cookie, { name, password })
  const cookieOf = (answer: Response): string => answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''

  it('sends strangers to the login', async () => {
    for (const path of ['/account', '/account/', '/account/index']) {
      const answer = await ask(path)
      expect([answer.status, answer.headers.get('location'), await answer.text()]).to.deep.equal([302, '/login', ''])
    }
    expect((await ask('/')).headers.get('location')).to.equal('/account')
  })

  it('shows a form in the layout, and starts no session', async () => {
    const answer = await ask('/login')
    expect(answer.headers.getSetCookie()).to.deep.equal([])
    expect(await answer.text())
      .to.match(/^<!doctype html>/)
      .and.include('<title>Log in</title>')
      .and.include('<form method="post" action="/login">')
      .and.not.include('role="alert"')
  })

  it('lets in who knows the password, and escapes the name', async () => {
    const answer = await logIn('bob', 'can-we-fix-it')
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([303, '/account'])
    expect(answer.headers.getSetCookie()[0]).to.match(/^login=.*HttpOnly.*SameSite=Lax/)

    const account = await ask('/account', cookieOf(answer))
    expect(account.headers.get('cache-control')).to.equal('no-store')
    expect(await account.text()).to.include('Hello, Bob &lt;b&gt;the builder&lt;/b&gt;!')
  })

  it('keeps out who does not, and escapes what was typed', async () => {
    for (const [name, password] of [
      ['ann', 'can-we-fix-it'],
      ['"><script>', 'open-sesame'],
    ] as const) {
      const answer = await logIn(name, password)
      expect(answer.status).to.equal(403)
      expect(answer.headers.getSetCookie()).to.deep.equal([])
      expect(await answer.text())
        .to.include('role="alert"')
        .and.not.include('<script>')
    }
    expect((await ask('/login', '', { name: 'ann' })).status).to.equal(400)
  })

  it('gives a new session at each login, and ends the old one', async () => {
    const before = cookieOf(await logIn('ann', 'open-sesame'))
    const after = cookieOf(await logIn('ann', 'open-sesame', before))
    expect(after)
      .to.match(/^login=/)
      .and.not.equal(before)
    expect((await ask('/account', before)).status).to.equal(302)
    expect((await ask('/account', after)).status).to.equal(200)
  })

  it('ends the session at the logout, by POST alone', async () => {
    const cookie = cookieOf(await logIn('ann', 'open-sesame'))
    expect((await ask('/account/logout', cookie)).status).to.equal(404)
    expect((await ask('/account', cookie)).status).to.equal(200)
    expect((await ask('/account/logout', cookie, {})).headers.get('location')).to.equal('/login')
    expect((await ask('/account', cookie)).status).to.equal(302)
  })

  it('wants a secret in production', () => {
    const { NODE_ENV, SESSION_SECRET } = process.env
    try {
      process.env.NODE_ENV = 'production'
      delete process.env.SESSION_SECRET
      expect(build).to.throw('SESSION_SECRET')
    } finally {
      for (const [name, value] of Object.entries({ NODE_ENV, SESSION_SECRET })) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
  })
})
