import { expect } from 'chai'
import { sql } from 'kysely'
import { DatabaseError, StateError } from 'tribind'
import { isUniqueViolation } from 'tribind/database'
import { gate, rejected } from '../feature/both-ways.ts'
import { add, titles } from './library.ts'
import { describeRolledBack } from './rolled-back.ts'

await describeRolledBack('a test transaction', (world) => {
  it('undoes what a handle captured before has written', async () => {
    await add(world.db, 'Persuasion')
    expect(await titles(world.db)).to.deep.equal(['Emma', 'Persuasion'])
    await world.rollback()
    expect(await titles(world.db)).to.deep.equal(['Emma'])
  })

  it('undoes what requests have written, in parallel too', async () => {
    const { server } = world.library
    const words = ['a', 'b', 'c', 'd', 'e', 'f']
    const responses = await Promise.all(words.map((word) => server.inject({ method: 'POST', url: `/books/${word}` })))
    expect(responses.map(({ status }) => status)).to.deep.equal(words.map(() => 200))
    expect((await server.inject('/books')).json()).to.deep.equal(['Emma', ...words].sort())
  })

  it('undoes 200 tests in a row', async () => {
    await world.rollback()
    for (let i = 0; i < 200; i++) {
      const undo = await world.library.server.transaction()
      await add(world.db, `book ${i}`)
      await world.db.transaction().execute((trx) => add(trx, `other ${i}`))
      await undo()
    }
    expect(await titles(world.db)).to.deep.equal(['Emma'])
    const { rows } = await sql<{ n: number }>`select count(*) as n from book`.execute(world.db)
    expect(Number(rows[0]?.n)).to.equal(1)
  })

  it('is undone at the end of a block', async () => {
    await world.rollback()
    {
      await using undo = await world.library.server.transaction()
      await add(world.db, 'Persuasion')
      expect(undo).to.be.a('function')
    }
    expect(await titles(world.db)).to.deep.equal(['Emma'])
  })

  it('lets a second call of rollback do nothing', async () => {
    await world.rollback()
    await add(world.db, 'Persuasion')
    await world.rollback()
    await world.rollback[Symbol.asyncDispose]()
    expect(await titles(world.db)).to.deep.equal(['Emma', 'Persuasion'])
    await world.db.deleteFrom('book').where('title', '=', 'Persuasion').execute()
  })

  it('is one at a time', async () => {
    const error = await rejected(world.library.server.transaction())
    expect(error).to.be.instanceOf(StateError)
    expect(error.message).to.contain('under way')
  })

  it('is not spoilt by a failure that is handled', async () => {
    const error = await rejected(add(world.db, 'Emma'))
    expect(isUniqueViolation(error)).to.equal(true)
    await add(world.db, 'Persuasion')
    const outcomes = await Promise.allSettled(
      ['Emma', 'Sanditon', 'Emma', 'Lady Susan'].map((title) => add(world.db, title)),
    )
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
    expect(await titles(world.db)).to.deep.equal(['Emma', 'Lady Susan', 'Persuasion', 'Sanditon'])
  })

  it('streams rows, and queries meanwhile', async () => {
    await Promise.all(['a', 'b', 'c'].map((title) => add(world.db, title)))
    const seen: string[] = []
    for await (const { title } of world.db.selectFrom('book').select('title').orderBy('id').stream(2)) {
      seen.push(title)
      await titles(world.db)
    }
    expect(seen).to.deep.equal(['Emma', 'a', 'b', 'c'])
  })

  it('refuses what would end it', async () => {
    for (const statement of [
      'commit',
      'COMMIT;',
      ' rollback',
      'begin',
      '-- x\nbegin',
      '/* x */ start transaction',
      '/* /* x */ */ commit',
      'select 1; commit',
    ]) {
      const error = await rejected(sql.raw(statement).execute(world.db))
      expect(error, statement).to.be.instanceOf(DatabaseError)
    }
    await world.db.transaction().execute(async (trx) => {
      await add(trx, 'Persuasion')
      expect(await rejected(sql`rollback`.execute(trx))).to.be.instanceOf(DatabaseError)
    })
    await add(world.db, "it's; commit")
    expect(await titles(world.db)).to.deep.equal(['Emma', 'Persuasion', "it's; commit"].sort())
  })

  it('undoes changes of the schema, or refuses them where they commit', async () => {
    await add(world.db, 'Persuasion')
    const creating = world.db.schema.createTable('shelf').addColumn('id', 'integer').execute()
    if (world.name === 'MariaDB') expect(await rejected(creating)).to.be.instanceOf(DatabaseError)
    else await creating
    await world.rollback()
    await rejected(sql`select * from shelf`.execute(world.db))
  })

  it('ends a transaction that outlives it', async () => {
    const inside = gate()
    const go = gate()
    const outliving = world.db.transaction().execute(async (trx) => {
      await add(trx, 'Persuasion')
      inside.open()
      await go.opened
      await add(trx, 'Sanditon')
    })
    await inside.opened
    await world.rollback()
    go.open()
    const error = await rejected(outliving)
    expect(error).to.be.instanceOf(DatabaseError)
    expect(error.message).to.contain('is over')
  })

  it('ends one that outlives it at its commit', async () => {
    const inside = gate()
    const go = gate()
    const outliving = world.db.transaction().execute(async (trx) => {
      await add(trx, 'Persuasion')
      inside.open()
      await go.opened
    })
    await inside.opened
    await world.rollback()
    go.open()
    expect(await rejected(outliving)).to.be.instanceOf(DatabaseError)
  })

  it('leaves late queries to the database', async () => {
    const go = gate()
    const late = world.db.connection().execute(async (connection) => {
      await titles(connection)
      await go.opened
      await add(connection, 'Persuasion')
      await connection.transaction().execute((trx) => add(trx, 'Sanditon'))
    })
    await world.rollback()
    go.open()
    await late
    expect(await titles(world.db)).to.deep.equal(['Emma', 'Persuasion', 'Sanditon'])
    await world.db.deleteFrom('book').where('title', '!=', 'Emma').execute()
  })

  it('waits for requests before it is undone', async () => {
    const { server } = world.library
    const arrived = gate()
    const go = gate()
    world.handleSlow = async () => {
      arrived.open()
      await go.opened
      await add(world.db, 'Persuasion')
    }
    const response = server.inject('/slow')
    await arrived.opened
    let isUndone = false
    const undoing = world.rollback().then(() => (isUndone = true))
    await titles(world.db)
    expect(isUndone).to.equal(false)
    go.open()
    expect((await response).status).to.equal(200)
    await undoing
    expect(await titles(world.db)).to.deep.equal(['Emma'])
  })
})
