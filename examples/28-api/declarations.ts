// What each endpoint takes and returns: checks, types, the document and the client of the front end follow from it.
import { declaration } from 'tribind'
import { z } from 'zod'

export const Book = z
  .object({
    id: z.int(),
    title: z.string(),
    author: z.string(),
    reader: z.string().nullable().describe('Who has borrowed it; null if it is available.'),
  })
  .meta({ id: 'Book' })

/** What an error looks like with the option `problems`. */
const Problem = z.object({ title: z.string(), status: z.int(), detail: z.string().optional() }).meta({ id: 'Problem' })

const params = z.object({ id: z.coerce.number().int() })
const text = z.string().trim().min(1).max(100)

export const listBooks = declaration({
  summary: 'Lists the books',
  operationId: 'listBooks',
  tags: ['books'],
  query: z.object({ text: z.string().default('').describe('Part of a title or an author.') }),
  responses: { 200: z.array(Book) },
})

export const showBook = declaration({
  summary: 'Shows a book',
  operationId: 'showBook',
  tags: ['books'],
  params,
  responses: { 200: Book, 404: { description: 'There is no such book', body: Problem } },
})

export const addBook = declaration({
  summary: 'Adds a book',
  operationId: 'addBook',
  tags: ['books'],
  security: ['librarian'],
  body: z.strictObject({ title: text, author: text }),
  responses: {
    201: { description: 'Added', body: Book, headers: z.object({ location: z.string() }) },
  },
})

export const lendBook = declaration({
  summary: 'Lends a book',
  operationId: 'lendBook',
  tags: ['loans'],
  params,
  body: z.strictObject({ reader: text }),
  responses: {
    200: Book,
    404: { description: 'There is no such book', body: Problem },
    409: { description: 'Another reader has it', body: Problem },
  },
})

export const returnBook = declaration({
  summary: 'Takes a book back',
  operationId: 'returnBook',
  tags: ['loans'],
  params,
  responses: { 204: { description: 'Available again' }, 404: { description: 'There is no such book', body: Problem } },
})
