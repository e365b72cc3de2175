import { Controller, getServer, HttpError } from 'tribind'
import type { Book } from '../services/book-store.ts'
import { bookStore, findBook } from '../services/find-book.ts'

/** Lending: actions rather than resources. */
export class LoansController extends Controller {
  index(): Book[] {
    return bookStore(this.server)
      .list()
      .filter((book) => book.reader !== null)
  }

  borrow(): Book {
    const book = findBook(this.server, this.request.get('book'))
    if (book.reader !== null) throw new HttpError(409, `${book.reader} has ${book.title}`)
    book.reader = this.request.get('reader', 'somebody')
    return book
  }

  giveBack(): Book {
    const book = findBook(this.server, this.request.get('book'))
    book.reader = null
    return book
  }
}

const server = getServer('mvc')
server.bindControllerMethod('GET:/loans', LoansController, 'index')
// Links and crawlers only ever GET, so what changes something is bound to POST.
server.bindControllerMethod('POST:/loans', LoansController, 'borrow, giveBack')
