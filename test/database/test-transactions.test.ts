import { expect } from 'chai'
import { sql, type Kysely } from 'kysely'
import { DatabaseError, type Rollback, StateError } from 'tribind'
import { afterCommit, isUniqueViolation } from 'tribind/database'
import { gate, rejected } from '../feature/both-ways.ts'
import { createDatabases } from './databases.ts'
import { add, createLibrary, createTables, type Library, type Tables, titles } from './library.ts'

for (const { name, options } of await createDatabases())
  describe(`a test transaction on ${name}`, () => {
    let library: Library
    let db: Kysely<Tables>
    let rollback: Rollback
    let handleSlow: () => Promise<void>

    before(async () => {
      library = createLibrary({ ...options, acquireTimeout: 3000 })
      ;({ db } = library)
      await createTables(db, options.client)
      await add(db, 'Emma')
      const { server } = library
      server.bindHandler('POST:/books/{title}', (request) => add(db, request.params['title'] as string))
      server.bindHandler('GET:/books', async () => JSON.stringify(await titles(db)))
      server.bindHandler('GET:/slow', () => handleSlow())
      await server.start()
    })

    after(() => library.server.stop())

    beforeEach(async () => {
      library.log.length = 0
      rollback = await library.server.transaction()
    })

    afterEach(async () => {
      await rollback()
      expect(await titles(db)).to.deep.equal(['Emma'])
    })

    it('undoes what a handle captured before has written', async () => {
      await add(db, 'Persuasion')
      expect(await titles(db)).to.deep.equal(['Emma', 'Persuasion'])
      await rollback()
      expect(await titles(db)).to.deep.equal(['Emma'])
    })

    it('undoes what requests have written, in parallel too', async () => {
      const { server } = library
      const words = ['a', 'b', 'c', 'd', 'e', 'f']
      const responses = await Promise.all(words.map((word) => server.inject({ method: 'POST', url: `/books/${word}` })))
      expect(responses.map(({ status }) => status)).to.deep.equal(words.map(() => 200))
      expect((await server.inject('/books')).json()).to.deep.equal(['Emma', ...words].sort())
    })

    it('undoes 200 tests in a row', async () => {
      await rollback()
      for (let i = 0; i < 200; i++) {
        const undo = await library.server.transaction()
        await add(db, `book ${i}`)
        await db.transaction().execute((trx) => add(trx, `other ${i}`))
        await undo()
      }
      expect(await titles(db)).to.deep.equal(['Emma'])
      const { rows } = await sql<{ n: number }>`select count(*) as n from book`.execute(db)
      expect(Number(rows[0]?.n)).to.equal(1)
    })

    it('is undone at the end of a block', async () => {
      await rollback()
      {
        await using undo = await library.server.transaction()
        await add(db, 'Persuasion')
        expect(undo).to.be.a('function')
      }
      expect(await titles(db)).to.deep.equal(['Emma'])
    })

    it('lets a second call of rollback do nothing', async () => {
      await rollback()
      await add(db, 'Persuasion')
      await rollback()
      await rollback[Symbol.asyncDispose]()
      expect(await titles(db)).to.deep.equal(['Emma', 'Persuasion'])
      await db.deleteFrom('book').where('title', '=', 'Persuasion').execute()
    })

    it('is one at a time', async () => {
      const error = await rejected(library.server.transaction())
      expect(error).to.be.instanceOf(StateError)
      expect(error.message).to.contain('under way')
    })

    describe('transactions of the application', () => {
      it('commit and roll back as savepoints', async () => {
        await db.transaction().execute((trx) => add(trx, 'Persuasion'))
        const error = await rejected(
          db.transaction().execute(async (trx) => {
            await add(trx, 'Sanditon')
            throw new Error('no')
          }),
        )
        expect(error.message).to.equal('no')
        expect(await titles(db)).to.deep.equal(['Emma', 'Persuasion'])
      })

      it('stand side by side', async () => {
        const outcomes = await Promise.allSettled(
          [1, 2, 3, 4, 5, 6].map((i) =>
            db.transaction().execute(async (trx) => {
              await add(trx, `a${i}`)
              await new Promise((resolve) => setTimeout(resolve, 5))
              await add(trx, `b${i}`)
              if (i % 2 === 0) throw new Error('even')
            }),
          ),
        )
        expect(outcomes.map(({ status }) => status)).to.deep.equal(
          [1, 2, 3, 4, 5, 6].map((i) => (i % 2 === 0 ? 'rejected' : 'fulfilled')),
        )
        expect(await titles(db)).to.deep.equal(['Emma', 'a1', 'a3', 'a5', 'b1', 'b3', 'b5'])
      })

      it('nest, and stand side by side in another', async () => {
        await db.transaction().execute(async (outer) => {
          await add(outer, 'outer')
          await Promise.allSettled(
            [1, 2, 3, 4].map((i) =>
              db.transaction().execute(async (inner) => {
                await add(inner, `inner${i}`)
                await db.transaction().execute((innermost) => add(innermost, `innermost${i}`))
                if (i % 2 === 0) throw new Error('even')
              }),
            ),
          )
          await add(outer, 'more')
        })
        expect(await titles(db)).to.deep.equal([
          'Emma',
          'inner1',
          'inner3',
          'innermost1',
          'innermost3',
          'more',
          'outer',
        ])
      })

      it('use the outer one within the inner one', async () => {
        await db.transaction().execute(async (outer) => {
          await db.transaction().execute(async (inner) => {
            await add(outer, 'outer')
            await add(inner, 'inner')
          })
        })
        expect(await titles(db)).to.deep.equal(['Emma', 'inner', 'outer'])
      })

      it('may query by the handle meanwhile', async () => {
        await db.transaction().execute(async (trx) => {
          await add(trx, 'Persuasion')
          await add(db, 'Sanditon')
          await db
            .withSchema('main')
            .connection()
            .execute(async () => {})
          expect(await titles(db)).to.have.length(3)
        })
        expect(await titles(db)).to.deep.equal(['Emma', 'Persuasion', 'Sanditon'])
        const warnings = library.log.filter(({ level }) => level === 'warn')
        expect(warnings).to.have.length(name === 'SQLite' ? 1 : 0)
      })

      it('begin by startTransaction, with savepoints', async () => {
        const trx = await db.startTransaction().execute()
        await add(trx, 'Persuasion')
        const saved = await trx.savepoint('half').execute()
        await add(saved, 'Sanditon')
        await saved.rollbackToSavepoint('half').execute()
        await trx.commit().execute()
        const other = await db.startTransaction().execute()
        await add(other, 'Lady Susan')
        await other.rollback().execute()
        expect(await titles(db)).to.deep.equal(['Emma', 'Persuasion'])
      })

      it('have no isolation level', async () => {
        await titles(db)
        await db
          .transaction()
          .setIsolationLevel('serializable')
          .execute((trx) => add(trx, 'Persuasion'))
        expect(await titles(db)).to.deep.equal(['Emma', 'Persuasion'])
      })

      it('fail alone', async () => {
        const error = await rejected(
          db.transaction().execute(async (trx) => {
            await add(trx, 'Persuasion')
            await add(trx, 'Emma')
          }),
        )
        expect(isUniqueViolation(error)).to.equal(true)
        expect(await titles(db)).to.deep.equal(['Emma'])
      })

      it('call what waits for the commit', async () => {
        const calls: string[] = []
        await db.transaction().execute(async (trx) => {
          afterCommit(trx, () => calls.push('first'))
          afterCommit(trx, () => Promise.reject(new Error('failed')))
          afterCommit(trx, async () => void calls.push(`sees ${String(await titles(db))}`))
          await add(trx, 'Persuasion')
          expect(calls).to.deep.equal([])
        })
        expect(calls).to.deep.equal(['first', 'sees Emma,Persuasion'])
        expect(library.log.filter(({ level }) => level === 'error')).to.have.length(1)
        await rejected(
          db.transaction().execute(async (trx) => {
            afterCommit(trx, () => calls.push('never'))
            throw new Error('no')
          }),
        )
        expect(calls).to.have.length(2)
      })
    })

    it('is not spoilt by a failure that is handled', async () => {
      const error = await rejected(add(db, 'Emma'))
      expect(isUniqueViolation(error)).to.equal(true)
      await add(db, 'Persuasion')
      const outcomes = await Promise.allSettled(
        ['Emma', 'Sanditon', 'Emma', 'Lady Susan'].map((title) => add(db, title)),
      )
      expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
      expect(await titles(db)).to.deep.equal(['Emma', 'Lady Susan', 'Persuasion', 'Sanditon'])
    })

    it('streams rows, and queries meanwhile', async () => {
      await Promise.all(['a', 'b', 'c'].map((title) => add(db, title)))
      const seen: string[] = []
      for await (const { title } of db.selectFrom('book').select('title').orderBy('id').stream(2)) {
        seen.push(title)
        await titles(db)
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
        'select 1; commit',
      ]) {
        const error = await rejected(sql.raw(statement).execute(db))
        expect(error, statement).to.be.instanceOf(DatabaseError)
      }
      await db.transaction().execute(async (trx) => {
        await add(trx, 'Persuasion')
        expect(await rejected(sql`rollback`.execute(trx))).to.be.instanceOf(DatabaseError)
      })
      await add(db, "it's; commit")
      expect(await titles(db)).to.deep.equal(['Emma', 'Persuasion', "it's; commit"].sort())
    })

    it('undoes changes of the schema, or refuses them where they commit', async () => {
      await add(db, 'Persuasion')
      const creating = db.schema.createTable('shelf').addColumn('id', 'integer').execute()
      if (name === 'MariaDB') expect(await rejected(creating)).to.be.instanceOf(DatabaseError)
      else await creating
      await rollback()
      await rejected(sql`select * from shelf`.execute(db))
    })

    it('ends a transaction that outlives it', async () => {
      const inside = gate()
      const go = gate()
      const outliving = db.transaction().execute(async (trx) => {
        await add(trx, 'Persuasion')
        inside.open()
        await go.opened
        await add(trx, 'Sanditon')
      })
      await inside.opened
      await rollback()
      go.open()
      const error = await rejected(outliving)
      expect(error).to.be.instanceOf(DatabaseError)
      expect(error.message).to.contain('is over')
    })

    it('ends one that outlives it at its commit', async () => {
      const inside = gate()
      const go = gate()
      const outliving = db.transaction().execute(async (trx) => {
        await add(trx, 'Persuasion')
        inside.open()
        await go.opened
      })
      await inside.opened
      await rollback()
      go.open()
      expect(await rejected(outliving)).to.be.instanceOf(DatabaseError)
    })

    it('leaves late queries to the database', async () => {
      const go = gate()
      const late = db.connection().execute(async (connection) => {
        await titles(connection)
        await go.opened
        await add(connection, 'Persuasion')
        await connection.transaction().execute((trx) => add(trx, 'Sanditon'))
      })
      await rollback()
      go.open()
      await late
      expect(await titles(db)).to.deep.equal(['Emma', 'Persuasion', 'Sanditon'])
      await db.deleteFrom('book').where('title', '!=', 'Emma').execute()
    })

    it('waits for requests before it is undone', async () => {
      const { server } = library
      const arrived = gate()
      const go = gate()
      handleSlow = async () => {
        arrived.open()
        await go.opened
        await add(db, 'Persuasion')
      }
      const response = server.inject('/slow')
      await arrived.opened
      let isUndone = false
      const undoing = rollback().then(() => (isUndone = true))
      await titles(db)
      expect(isUndone).to.equal(false)
      go.open()
      expect((await response).status).to.equal(200)
      await undoing
      expect(await titles(db)).to.deep.equal(['Emma'])
    })
  })
