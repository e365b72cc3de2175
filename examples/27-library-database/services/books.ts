import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

export interface Book {
  readonly id: string
  readonly title: string
  readonly author: string
  /** Who has it; `null` if it is on the shelf. */
  readonly reader: string | null
}

/** Knows nothing of HTTP. Whoever calls decides whether `db` is the database or a transaction. */
export async function listBooks(db: Kysely<Tables>): Promise<Book[]> {
  return db
    .selectFrom('books')
    .leftJoin('loans', 'loans.book', 'books.id')
    .select(['books.id', 'books.title', 'books.author', 'loans.reader'])
    .orderBy('books.title')
    .orderBy('books.id')
    .execute()
}

export async function countBooks(db: Kysely<Tables>): Promise<number> {
  const { count } = await db
    .selectFrom('books')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Fails with a unique violation if the book is there already. */
export async function addBook(db: Kysely<Tables>, book: { title: string; author: string }): Promise<void> {
  await db
    .insertInto('books')
    .values({ id: randomUUID(), ...book })
    .execute()
}
