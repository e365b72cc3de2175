import { expect } from 'chai'
import { afterCommit, isUniqueViolation } from 'tribind/database'
import { rejected } from '../feature/both-ways.ts'
import { add, titles } from './library.ts'
import { describeRolledBack } from './rolled-back.ts'

await describeRolledBack('transactions of the application in a test transaction', (world) => {
  it('commit and roll back as savepoints', async () => {
    await world.db.transaction().execute((trx) => add(trx, 'Persuasion'))
    const error = await rejected(
      world.db.transaction().execute(async (trx) => {
        await add(trx, 'Sanditon')
        throw new Error('no')
      }),
    )
    expect(error.message).to.equal('no')
    expect(await titles(world.db)).to.deep.equal(['Emma', 'Persuasion'])
  })

  it('stand side by side', async () => {
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4, 5, 6].map((i) =>
        world.db.transaction().execute(async (trx) => {
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
    expect(await titles(world.db)).to.deep.equal(['Emma', 'a1', 'a3', 'a5', 'b1', 'b3', 'b5'])
  })

  it('nest, and stand side by side in another', async () => {
    await world.db.transaction().execute(async (outer) => {
      await add(outer, 'outer')
      await Promise.allSettled(
        [1, 2, 3, 4].map((i) =>
          world.db.transaction().execute(async (inner) => {
            await add(inner, `inner${i}`)
            await world.db.transaction().execute((innermost) => add(innermost, `innermost${i}`))
            if (i % 2 === 0) throw new Error('even')
          }),
        ),
      )
      await add(outer, 'more')
    })
    expect(await titles(world.db)).to.deep.equal([
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
    await world.db.transaction().execute(async (outer) => {
      await world.db.transaction().execute(async (inner) => {
        await add(outer, 'outer')
        await add(inner, 'inner')
      })
    })
    expect(await titles(world.db)).to.deep.equal(['Emma', 'inner', 'outer'])
  })

  it('may query by the handle meanwhile', async () => {
    await world.db.transaction().execute(async (trx) => {
      await add(trx, 'Persuasion')
      await add(world.db, 'Sanditon')
      await world.db
        .withSchema('main')
        .connection()
        .execute(async () => {})
      expect(await titles(world.db)).to.have.length(3)
    })
    expect(await titles(world.db)).to.deep.equal(['Emma', 'Persuasion', 'Sanditon'])
    const warnings = world.library.log.filter(({ level }) => level === 'warn')
    expect(warnings).to.have.length(world.name === 'SQLite' ? 1 : 0)
  })

  it('begin by startTransaction, with savepoints', async () => {
    const trx = await world.db.startTransaction().execute()
    await add(trx, 'Persuasion')
    const saved = await trx.savepoint('half').execute()
    await add(saved, 'Sanditon')
    await saved.rollbackToSavepoint('half').execute()
    await trx.commit().execute()
    const other = await world.db.startTransaction().execute()
    await add(other, 'Lady Susan')
    await other.rollback().execute()
    expect(await titles(world.db)).to.deep.equal(['Emma', 'Persuasion'])
  })

  it('have no isolation level', async () => {
    await titles(world.db)
    await world.db
      .transaction()
      .setIsolationLevel('serializable')
      .execute((trx) => add(trx, 'Persuasion'))
    expect(await titles(world.db)).to.deep.equal(['Emma', 'Persuasion'])
  })

  it('fail alone', async () => {
    const error = await rejected(
      world.db.transaction().execute(async (trx) => {
        await add(trx, 'Persuasion')
        await add(trx, 'Emma')
      }),
    )
    expect(isUniqueViolation(error)).to.equal(true)
    expect(await titles(world.db)).to.deep.equal(['Emma'])
  })

  it('call what waits for the commit', async () => {
    const calls: string[] = []
    await world.db.transaction().execute(async (trx) => {
      afterCommit(trx, () => calls.push('first'))
      afterCommit(trx, () => Promise.reject(new Error('failed')))
      afterCommit(trx, async () => void calls.push(`sees ${String(await titles(world.db))}`))
      await add(trx, 'Persuasion')
      expect(calls).to.deep.equal([])
    })
    expect(calls).to.deep.equal(['first', 'sees Emma,Persuasion'])
    expect(world.library.log.filter(({ level }) => level === 'error')).to.have.length(1)
    await rejected(
      world.db.transaction().execute(async (trx) => {
        afterCommit(trx, () => calls.push('never'))
        throw new Error('no')
      }),
    )
    expect(calls).to.have.length(2)
  })
})
