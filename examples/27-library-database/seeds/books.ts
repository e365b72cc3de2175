import type { Kysely } from 'kysely'
import { addBook } from '../services/books.ts'
import type { Tables } from '../tables.ts'

export async function seed(db: Kysely<Tables>): Promise<void> {
  const books = [
    { title: 'Emma', author: 'Jane Austen' },
    { title: 'Walden', author: 'Henry David Thoreau' },
    { title: 'Lalka', author: 'Bolesław Prus' },
    { title: 'Der Process', author: 'Franz Kafka' },
  ]
  for (const book of books) await addBook(db, book)
}
