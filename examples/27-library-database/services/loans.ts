import type { Kysely } from 'kysely'
import { afterCommit, isForeignKeyViolation, isUniqueViolation } from 'tribind/database'
import type { Tables } from '../tables.ts'

/** What keeps a book from being lent: a line of the languages. */
export type Refusal = 'loans.taken' | 'loans.unknown' | 'loans.tooMany'

/** Lends a book. Returns why it can't be lent, or `undefined`. @param onLent runs once the loan is certain */
export async function lend(
  db: Kysely<Tables>,
  loan: { book: string; reader: string; max: number },
  onLent: () => void,
): Promise<Refusal | undefined> {
  const { book, reader, max } = loan
  try {
    return await db.transaction().execute(async (transaction) => {
      const held = await transaction.selectFrom('loans').select('book').where('reader', '=', reader).execute()
      if (held.length >= max) return 'loans.tooMany'
      await transaction.insertInto('loans').values({ book, reader, since: new Date().toISOString() }).execute()
      afterCommit(transaction, onLent)
      return undefined
    })
  } catch (error) {
    // The database decides, also between two requests at once.
    if (isUniqueViolation(error)) return 'loans.taken'
    if (isForeignKeyViolation(error)) return 'loans.unknown'
    throw error
  }
}

export async function giveBack(db: Kysely<Tables>, { book, reader }: { book: string; reader: string }): Promise<void> {
  await db.deleteFrom('loans').where('book', '=', book).where('reader', '=', reader).execute()
}
