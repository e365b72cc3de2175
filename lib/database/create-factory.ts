import type { Insertable, Kysely, Selectable } from 'kysely'
import { checkFunction, type Registered } from '../kit.ts'
import { kyselyPackage } from './kysely.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- without declared tables, any table may be named
type Tables = Registered<'db', any>

/** Makes rows of a table, for tests. */
export interface Factory<New, Row> {
  /** Returns rows that aren't saved. @param count default 1 @param overrides the same for each row */
  make(count?: number, overrides?: Partial<New>): New[]
  /**
   * Inserts rows, one after another. Returns them as the database has them, with their ids.
   *
   * @param count default 1
   * @param overrides the same for each row
   */
  save(db: Kysely<Tables>, count?: number, overrides?: Partial<New>): Promise<Row[]>
}

/**
 * Returns what makes and saves rows of a table, for tests.
 *
 * On MySQL, whose `insert` returns no rows, a row that the database numbers is found again by the column `id`.
 *
 * @param make returns a row; it is called with 1 for the first row of the factory, 2 for the second, and so on
 */
export function createFactory<Table extends keyof Tables & string>(
  table: Table,
  make: (n: number) => Insertable<Tables[Table]>,
): Factory<Insertable<Tables[Table]>, Selectable<Tables[Table]>> {
  checkFunction('createFactory', make)
  let made = 0
  const makeRows: Factory<object, object>['make'] = (count = 1, overrides = {}) =>
    Array.from({ length: count }, () => ({ ...make(++made), ...overrides }))
  const factory: Factory<object, object> = {
    make: makeRows,
    async save(db, count, overrides) {
      const known = db as unknown as AnyDatabase
      const insert = await chooseInsert(known)
      const saved = []
      for (const row of makeRows(count, overrides)) saved.push(await insert(known, table, row))
      return saved
    },
  }
  return factory as Factory<Insertable<Tables[Table]>, Selectable<Tables[Table]>>
}

/** Whatever tables there are. */
type AnyDatabase = Kysely<Record<string, { id: number }>>

type Insert = (db: AnyDatabase, table: string, row: object) => Promise<object>

async function chooseInsert(db: AnyDatabase): Promise<Insert> {
  return db.getExecutor().adapter.supportsReturning || (await isMariaDb(db)) ? insertReturning : insertNumbered
}

/** MariaDB returns rows, although Kysely's adapter, which is that of MySQL, doesn't know. */
async function isMariaDb(db: AnyDatabase): Promise<boolean> {
  const { CompiledQuery } = kyselyPackage()
  const { rows } = await db.executeQuery<{ version: string }>(CompiledQuery.raw('select version() as version'))
  return rows[0]?.version.includes('MariaDB') === true
}

const insertReturning: Insert = async (db, table, row) => {
  const { rows } = await db.executeQuery<object>(
    db
      .insertInto(table)
      .values(row as never)
      .returningAll(),
  )
  return rows[0] as object
}

const insertNumbered: Insert = async (db, table, row) => {
  const { insertId } = await db
    .insertInto(table)
    .values(row as never)
    .executeTakeFirstOrThrow()
  // 0 where the database doesn't number the rows: then the id, if there is one, is in the row.
  if (!insertId) return row
  return db.selectFrom(table).selectAll().where('id', '=', Number(insertId)).executeTakeFirstOrThrow()
}
