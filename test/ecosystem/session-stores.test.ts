import connectPgSimple from 'connect-pg-simple'
import { expect } from 'chai'
import session from 'express-session'
import { Pool } from 'pg'
import createFileStore from 'session-file-store'
import { Server, type SessionStore } from 'tribind'
import { createPostgres } from '../database/databases.ts'
import { sendByInject } from '../feature/both-ways.ts'
import { temporaryFolder } from '../feature/temporary-folder.ts'
import { browse } from './browse.ts'

/** Logs in and out, with each request at another server that has the same store. */
async function useStore(store: SessionStore): Promise<void> {
  const create = () => {
    const server = new Server({ session: { secret: 'secret', store } })
    server.post('/login', ({ session }) => session.set('name', 'ann'))
    server.get('/me', (request) => request.session.get('name') ?? 'nobody')
    server.post('/logout', ({ session }) => session.destroy())
    return server
  }
  const browser = browse((ask) => sendByInject(create())(ask))
  expect((await browser('/me')).text).to.equal('nobody')
  await browser({ method: 'POST', url: '/login' })
  const cookie = browser.cookies()
  expect((await browser('/me')).text).to.equal('ann')
  await browser({ method: 'POST', url: '/logout' })
  expect((await sendByInject(create())({ url: '/me', headers: { cookie } })).text).to.equal('nobody')
}

describe('session-file-store', () => {
  const folder = temporaryFolder({})

  it('keeps the sessions of tribind', async () => {
    const FileStore = createFileStore(session)
    await useStore(new FileStore({ path: folder, retries: 0, reapInterval: -1, logFn: () => {} }))
  })
})

const postgres = await createPostgres()
if (postgres !== undefined && 'url' in postgres.options) {
  const { url } = postgres.options
  describe('connect-pg-simple', () => {
    it('keeps the sessions of tribind', async () => {
      const pool = new Pool({ connectionString: url })
      const PgStore = connectPgSimple(session)
      const store = new PgStore({ pool, createTableIfMissing: true, pruneSessionInterval: false })
      await useStore(store)
      store.close()
      await pool.end()
    })
  })
}
