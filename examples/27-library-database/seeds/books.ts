import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

export async function seed(db: Kysely<Tables>): Promise<void> {
  const books = [
    { title: 'Emma', author: 'Jane Austen' },
    { title: 'Walden', author: 'Henry David Thoreau' },
    { title: 'Lalka', author: 'Bolesław Prus' },
    { title: 'Der Process', author: 'Franz Kafka' },
  ]
  await db.insertInto('books').values(books).execute()
}
