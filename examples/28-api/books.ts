import { Controller, declareMethods, reply, type Reply } from 'tribind'
import { addBook, listBooks, showBook } from './declarations.ts'
import type { Book, Library } from './library.ts'

/** The books: a resource, whose methods are named after what they do. */
export class BookController extends Controller {
  get #library(): Library {
    return this.server.service<Library>('library')
  }

  index(): Book[] {
    return this.#library.search(this.request.input(listBooks).query.text)
  }

  show(): Book {
    return this.#library.find(this.request.input(showBook).params.id)
  }

  store(): Reply<201, Book> {
    const book = this.#library.add(this.request.input(addBook).body)
    return reply(201, book, { headers: { Location: `/api/books/${book.id}` } })
  }
}

declareMethods(BookController, { index: listBooks, show: showBook, store: addBook })
