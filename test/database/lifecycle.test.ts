import { expect } from 'chai'
import { sql, type Kysely } from 'kysely'
import { ConfigError, DatabaseError, Server, StateError } from 'tribind'
import { database } from 'tribind/database'
import { createTestServer } from 'tribind/testing'
import { gate, rejected, thrownBy } from '../feature/both-ways.ts'
import { createDatabases } from './databases.ts'
import { add, createLibrary, createTables, dbOf, titles } from './library.ts'

const memory = { client: 'sqlite', file: ':memory:' } as const

describe('server.db()', () => {
  it('is one object for the life of the server', async () => {
    const { server, db } = createLibrary(memory)
    expect(server.db()).to.equal(db)
    await server.start()
    expect(server.db()).to.equal(db)
    await server.stop()
    expect(server.db()).to.equal(db)
  })

  it('is what requests and controllers get', async () => {
    const { server, db } = createLibrary(memory)
    server.bindHandler('/', (request) => `${request.server.db() === (db as unknown)} ${request.server.hasDb()}`)
    expect(String((await server.inject('/')).body)).to.equal('true true')
    await server.stop()
  })

  it('is a StateError without a database, which says how to get one', () => {
    const server = new Server()
    expect(server.hasDb()).to.equal(false)
    const error = thrownBy(() => server.db())
    expect(error).to.be.instanceOf(StateError)
    expect(error.message).to.contain('new Server({ database: database({ … }) })').and.to.contain('tribind/database')
  })

  it('isn’t there for the client none', async () => {
    const server = new Server({ database: database({ client: 'none', host: 'db' }) })
    expect(server.hasDb()).to.equal(false)
    expect(thrownBy(() => server.db())).to.be.instanceOf(StateError)
    expect(await rejected(server.transaction())).to.be.instanceOf(StateError)
    await server.closeDb()
  })

  it('works before the start', async () => {
    const { server, db } = createLibrary(memory)
    await createTables(db, 'sqlite')
    await add(db, 'Emma')
    await server.start()
    expect(await titles(db)).to.deep.equal(['Emma'])
    await server.stop()
  })

  it('refuses to be destroyed', async () => {
    const { server, db } = createLibrary(memory)
    expect(await rejected(db.destroy())).to.be.instanceOf(DatabaseError)
    await server.stop()
  })
})

describe('closeDb', () => {
  it('closes the database', async () => {
    const { server, db } = createLibrary(memory)
    await titlesOf(db)
    expect(server.hasDb()).to.equal(true)
    await server.closeDb()
    await server.closeDb()
    expect(server.hasDb()).to.equal(false)
    const error = await rejected(titlesOf(db))
    expect(error).to.be.instanceOf(DatabaseError)
    expect(error.message).to.contain('closed')
    await server.stop()
  })

  it('closes one that was never used, as a stop does', async () => {
    for (const end of [(server: Server) => server.closeDb(), (server: Server) => server.stop()]) {
      const { server, db } = createLibrary(memory)
      await end(server)
      const error = await rejected(titlesOf(db))
      expect(error).to.be.instanceOf(DatabaseError)
      expect(error.message).to.contain('closed')
      await server.stop()
    }
  })

  it('undoes a test transaction first', async () => {
    const { server, db } = createLibrary(memory)
    const rollback = await server.transaction()
    await titlesOf(db)
    await server.closeDb()
    await rollback()
    await server.stop()
  })
})

describe('a start with a database', () => {
  it('opens nothing before', async () => {
    const { server } = createLibrary({ client: 'sqlite', file: '/nowhere/at/all.db' })
    server.db()
    const error = await rejected(server.start())
    expect(error).to.be.instanceOf(DatabaseError)
    expect(error.message).to.contain('/nowhere/at/all.db')
    expect(server.state).to.equal('stopped')
  })

  it('fails before anything listens, runs no hooks, and closes', async () => {
    const calls: string[] = []
    const { server } = createLibrary({ client: 'postgres', host: '127.0.0.1', port: 1, password: 'geheim' })
    server.registerStartupHook(() => calls.push('startup')).registerShutdownHook(() => calls.push('shutdown'))
    server.install({ name: 'part', start: () => calls.push('start'), stop: () => calls.push('stop') })
    const error = await rejected(server.start())
    expect(error).to.be.instanceOf(DatabaseError)
    expect((error as DatabaseError).code).to.equal('ERR_TRIBIND_DATABASE')
    expect(error.message)
      .to.contain('postgres at 127.0.0.1:1')
      .and.to.contain('ECONNREFUSED')
      .and.not.to.contain('geheim')
    expect(server.addresses).to.deep.equal([])
    expect(calls).to.deep.equal([])
    expect(server.hasDb()).to.equal(false)
  })

  it('opens the database before components, and closes it after them', async () => {
    const { server, db } = createLibrary(memory)
    const seen: string[] = []
    const look = async (when: string) => void seen.push(`${when} ${(await titlesOf(db)).length}`)
    server.install({ name: 'part', start: () => look('start'), stop: () => look('stop') })
    server.registerStartupHook(() => look('startup')).registerShutdownHook(() => look('shutdown'))
    await server.start()
    await server.stop()
    expect(seen).to.deep.equal(['start 1', 'startup 1', 'shutdown 1', 'stop 1'])
  })

  it('closes the database after one that failed for another reason', async () => {
    const { server, db } = createLibrary(memory)
    server.install({ name: 'part', start: () => Promise.reject(new Error('no')), stop: () => {} })
    expect((await rejected(server.start())).message).to.equal('no')
    expect(await rejected(titlesOf(db))).to.be.instanceOf(DatabaseError)
  })

  it('doesn’t ping where that isn’t asked for', async () => {
    const { server, db } = createLibrary({ client: 'postgres', host: '127.0.0.1', port: 1, ping: false })
    await server.start()
    expect(((await rejected(titlesOf(db))) as NodeJS.ErrnoException).code).to.equal('ECONNREFUSED')
    await server.stop()
  })

  it('pings in a test transaction, if one has begun', async () => {
    const { server, db } = createLibrary({ ...memory, connectTimeout: 1000 })
    await createTables(db, 'sqlite')
    const rollback = await server.transaction()
    await add(db, 'Emma')
    await server.start()
    await rollback()
    expect(await titles(db)).to.deep.equal([])
    await server.stop()
  })

  it('takes one database for several servers', async () => {
    const one = database(memory)
    const servers = [new Server({ database: one }), new Server({ database: one })] as const
    const [first, second] = [dbOf(servers[0]), dbOf(servers[1])]
    expect(first).not.to.equal(second)
    await createTables(first, 'sqlite')
    await createTables(second, 'sqlite')
    await add(first, 'Emma')
    await servers[0].stop()
    expect(await titles(second)).to.deep.equal([])
    await servers[1].stop()
  })
})

describe('a stop with a database', () => {
  it('closes it without a start too', async () => {
    const { server, db } = createLibrary(memory)
    await titlesOf(db)
    await server.stop()
    expect(await rejected(titlesOf(db))).to.be.instanceOf(DatabaseError)
    expect(server.hasDb()).to.equal(false)
  })

  it('undoes a test transaction first', async () => {
    const { server, db } = createLibrary(memory)
    await createTables(db, 'sqlite')
    const seen: string[][] = []
    server.registerShutdownHook(async () => void seen.push(await titles(db)))
    await server.start()
    const rollback = await server.transaction()
    await add(db, 'Emma')
    await server.stop()
    expect(seen).to.deep.equal([[]])
    await rollback()
    expect(await rejected(server.transaction())).to.be.instanceOf(StateError)
    expect(await rejected(server.replaceDb(database(memory)))).to.be.instanceOf(StateError)
  })
})

describe('a test server with a database', () => {
  it('has test transactions', async () => {
    await using app = await createTestServer(
      async (server) => {
        await createTables(dbOf(server), 'sqlite')
      },
      { database: database(memory) },
    )
    const db = dbOf(app.server)
    const rollback = await app.transaction()
    await add(db, 'Emma')
    await rollback()
    expect(await titles(db)).to.deep.equal([])
  })

  it('warns of a test transaction in production', async () => {
    const before = process.env['NODE_ENV']
    const { server, log } = createLibrary(memory)
    try {
      process.env['NODE_ENV'] = 'production'
      await (
        await server.transaction()
      )()
    } finally {
      if (before === undefined) delete process.env['NODE_ENV']
      else process.env['NODE_ENV'] = before
    }
    expect(log.map(({ level, message }) => `${level} ${message}`)).to.have.length(1)
    expect(log[0]?.message).to.contain('production')
    await server.stop()
  })
})

const all = await createDatabases()

describe('replaceDb', () => {
  for (const one of all)
    for (const other of all)
      it(`replaces ${one.name} by ${other.name}`, async () => {
        const { server, db } = createLibrary(one.options)
        await server.start()
        await createTables(db, one.options.client)
        await add(db, 'Emma')
        const query = db.insertInto('book').values({ title: 'Persuasion' })
        const select = db.selectFrom('book').select('title').where('title', '!=', 'x').limit(10)
        await server.replaceDb(database(other.options))
        expect(server.db()).to.equal(db)
        await createTables(db, other.options.client)
        await query.execute()
        expect(await select.execute()).to.deep.equal([{ title: 'Persuasion' }])
        expect(query.compile().sql).to.contain(other.name === 'MariaDB' ? '`book`' : '"book"')
        const tables = await db.introspection.getTables()
        expect(tables.map((table) => table.name)).to.include('book')
        await (
          await server.transaction()
        )()
        await server.stop()
      })

  it('changes nothing where it can’t', async () => {
    const { server, db } = createLibrary(memory)
    await createTables(db, 'sqlite')
    await add(db, 'Emma')
    const error = await rejected(server.replaceDb(database({ client: 'postgres', host: '127.0.0.1', port: 1 })))
    expect(error).to.be.instanceOf(DatabaseError)
    expect(await titles(db)).to.deep.equal(['Emma'])
    for (const wrong of [{ client: 'sqlite' }, undefined, database({ client: 'none' })])
      expect(await rejected(server.replaceDb(wrong as never))).to.be.instanceOf(ConfigError)
    expect(await titles(db)).to.deep.equal(['Emma'])
    await server.stop()
  })

  it('gives a server its first database', async () => {
    const server = new Server()
    await server.replaceDb(database(memory))
    expect(server.hasDb()).to.equal(true)
    const db = dbOf(server)
    await createTables(db, 'sqlite')
    await server.stop()
    expect(await rejected(titles(db))).to.be.instanceOf(DatabaseError)
  })

  it('isn’t for test transactions', async () => {
    const { server } = createLibrary(memory)
    const rollback = await server.transaction()
    expect(await rejected(server.replaceDb(database(memory)))).to.be.instanceOf(StateError)
    await rollback()
    await server.replaceDb(database(memory))
    await server.stop()
  })

  it('lets a query that runs end', async () => {
    const { server, db } = createLibrary(memory)
    const go = gate()
    const inside = gate()
    const running = db.transaction().execute(async (trx) => {
      inside.open()
      await go.opened
      return titlesOf(trx)
    })
    await inside.opened
    const replacing = server.replaceDb(database(memory))
    go.open()
    expect(await running).to.have.length(1)
    await replacing
    await server.stop()
  })
})

/** Some rows of any database. */
async function titlesOf(db: Pick<Kysely<never>, 'getExecutor'>): Promise<unknown[]> {
  const { rows } = await sql`select 1 as n`.execute(db)
  return rows
}

describe('a start after work that held the process up', () => {
  for (const { name, options } of all)
    it(`gives ${name} its time`, async () => {
      const { server } = createLibrary({ ...options, connectTimeout: 1500 })
      const end = Date.now() + 2000
      while (Date.now() < end);
      await server.start()
      await server.stop()
    })
})
