import { Controller, ValidationError } from 'tribind'
import { isUniqueViolation } from 'tribind/database'
import { z } from 'zod'
import { addBook } from '../services/books.ts'
import { showLibrary } from './show-library.ts'

const text = z.string().trim().min(1).max(100)
const newBook = z.object({ title: text, author: text })

export class BooksController extends Controller {
  index(): Promise<void> {
    return showLibrary(this)
  }

  async add(): Promise<void> {
    try {
      await addBook(this.server.db(), await this.request.parse(newBook))
      this.response.redirectTo('/', 303)
    } catch (error) {
      if (error instanceof ValidationError) return showLibrary(this, 400, problemsOf(error))
      if (isUniqueViolation(error)) return showLibrary(this, 409, { title: this.t('books.twice') })
      throw error
    }
  }
}

/** By the name of the field; in the language of the reader, in which the server tells them. */
function problemsOf({ issues }: ValidationError): Record<string, string> {
  return Object.fromEntries(issues.map(({ path: [field] = [], message }) => [field as string, message]))
}
