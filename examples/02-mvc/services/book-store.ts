import { getServer } from 'tribind'

export interface Book {
  readonly id: number
  title: string
  author: string
  /** Who has borrowed it; `null` if it is available. */
  reader: string | null
}

/** Knows nothing of HTTP, so that it can be tested, and replaced by a database, without a server. */
export class BookStore {
  readonly #books = new Map<number, Book>()
  #lastId = 0

  add(title: string, author: string): Book {
    const book: Book = { id: ++this.#lastId, title, author, reader: null }
    this.#books.set(book.id, book)
    return book
  }

  find(id: number): Book | undefined {
    return this.#books.get(id)
  }

  list(): Book[] {
    return [...this.#books.values()]
  }

  remove(id: number): void {
    this.#books.delete(id)
  }
}

const store = new BookStore()
store.add('Emma', 'Jane Austen')
store.add('Walden', 'Henry David Thoreau')

getServer('mvc').registerService('books', store)
