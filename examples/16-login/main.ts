// A login: a session, pages through the view, and a group that only those who are logged in may enter.
//
//   open http://127.0.0.1:8199/ in a browser, and log in as ann with the password open-sesame, or
//   curl -i http://127.0.0.1:8199/account                                                  # 302 to /login
//   curl -i -c cookies -d name=ann -d password=open-sesame http://127.0.0.1:8199/login
//   curl -i -b cookies http://127.0.0.1:8199/account
//   curl -i -b cookies -X POST http://127.0.0.1:8199/account/logout
import { Controller, Server } from 'tribind'
import { z } from 'zod'
import { findUser } from './users.ts'

const Credentials = z.object({ name: z.string(), password: z.string().max(100) })

class Login extends Controller {
  get() {
    return this.view.display('login')
  }

  async post() {
    const { name, password } = await this.request.parse(Credentials)
    const user = await findUser(name, password)
    if (user === undefined) {
      this.response.status = 403
      return this.view.display('login', { name, failed: true })
    }
    // A new id, against session fixation: an attacker who planted the old one has no access.
    await this.session.regenerate()
    this.session.set('user', user)
    this.response.redirectTo('/account', 303)
  }
}

class Account extends Controller {
  index() {
    return this.view.display('account', { user: this.session.get('user') })
  }

  async logout() {
    await this.session.destroy()
    this.response.redirectTo('/login', 303)
  }
}

export function build(): Server {
  const server = new Server({
    session: { secret: readSecret(), name: 'login', cookie: { maxAge: 3_600_000 } },
    view: { root: new URL('views', import.meta.url) },
  })
  server.get('/', ({ response }) => response.redirectTo('/account'))
  server.bindControllerRest('/login', Login)

  server.group('/account', (account) => {
    account.use(async ({ response, session }, next) => {
      // After a logout, the browser's back button must not show the page again.
      response.setHeader('Cache-Control', 'no-store')
      if (session.has('user')) await next()
      else response.redirectTo('/login')
    })
    account.bindController('GET:/', Account, 'index')
    // Only by POST: no link or image of another site can log a user out.
    account.bindController('POST:/', Account, 'logout')
  })
  return server
}

function readSecret(): string {
  const { SESSION_SECRET, NODE_ENV } = process.env
  if (SESSION_SECRET) return SESSION_SECRET
  if (NODE_ENV === 'production') throw new Error('set SESSION_SECRET to a long random text')
  return 'FOR DEVELOPMENT ONLY: everybody can read this, and log in as anybody'
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/`))
  server.registerSignalHook()
  await server.run()
}
