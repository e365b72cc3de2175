import { HttpError } from 'tribind'
import type { z } from 'zod'
import type { Book as BookSchema } from './declarations.ts'

export type Book = z.infer<typeof BookSchema>

/** The books, in memory. */
export class Library {
  readonly #books = new Map<number, Book>()
  #lastId = 0

  constructor() {
    this.add({ title: 'Emma', author: 'Jane Austen' })
    this.add({ title: 'Walden', author: 'Henry David Thoreau' })
  }

  add({ title, author }: Pick<Book, 'title' | 'author'>): Book {
    const book = { id: ++this.#lastId, title, author, reader: null }
    this.#books.set(book.id, book)
    return book
  }

  search(text: string): Book[] {
    const wanted = text.toLowerCase()
    return [...this.#books.values()].filter(({ title, author }) => `${title} ${author}`.toLowerCase().includes(wanted))
  }

  find(id: number): Book {
    const book = this.#books.get(id)
    if (book === undefined) throw new HttpError(404, `There is no book ${id}`)
    return book
  }

  lend(id: number, reader: string): Book {
    const book = this.find(id)
    if (book.reader !== null) throw new HttpError(409, `${book.reader} has ${book.title}`)
    book.reader = reader
    return book
  }

  takeBack(id: number): void {
    this.find(id).reader = null
  }
}
