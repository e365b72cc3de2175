import { type Application, HttpError } from 'tribind'
import type { Book, BookStore } from './book-store.ts'

export function bookStore(server: Application): BookStore {
  return server.service<BookStore>('books')
}

/** The book of that id, as it came in a path or a query; a missing one is the client's mistake, so an HttpError. */
export function findBook(server: Application, id: string | undefined): Book {
  const book = bookStore(server).find(Number(id))
  if (!book) throw new HttpError(404, `there is no book ${id}`)
  return book
}
