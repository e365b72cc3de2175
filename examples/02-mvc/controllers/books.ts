import { Controller, getServer, HttpError } from 'tribind'
import type { Book } from '../services/book-store.ts'
import { bookStore, findBook } from '../services/find-book.ts'

/** The shelf: what there is, and what is new. */
export class BooksController extends Controller {
  get(): Book[] {
    return bookStore(this.server).list()
  }

  post(): Book {
    const title = this.request.get('title')
    const author = this.request.get('author')
    if (!title || !author) throw new HttpError(400, 'a book has a title and an author')
    const book = bookStore(this.server).add(title, author)
    this.response.status = 201
    this.response.setHeader('Location', `/books/${book.id}`)
    return book
  }
}

/** One book. */
export class BookController extends Controller {
  get(): Book {
    return findBook(this.server, this.request.params.id)
  }

  put(): Book {
    const book = this.get()
    book.title = this.request.get('title', book.title)
    book.author = this.request.get('author', book.author)
    return book
  }

  delete(): void {
    bookStore(this.server).remove(this.get().id)
    this.response.status = 204
  }
}

const server = getServer('mvc')
server.bindControllerRest('/books', BooksController)
server.bindControllerRest('/books/:id', BookController)
