import { getServer } from 'tribind'
import { bookStore, findBook } from '../services/find-book.ts'

const server = getServer('mvc')

server.get('/', () => `a library of ${bookStore(server).list().length} books`)

// A field within a segment is more specific than `/books/:id`, so `/books/1.txt` comes here, `/books/1` does not.
server.get('/books/{id}.txt', (request) => {
  const { title, author } = findBook(server, request.params.id)
  return `${title}, by ${author}`
})

server.get('/search/:word', (request) => {
  const word = request.params.word.toLowerCase()
  return bookStore(server)
    .list()
    .filter((book) => `${book.title} ${book.author}`.toLowerCase().includes(word))
})

server.get('/admin/routes', () => server.routes().map(({ method, route, name }) => `${method} ${route} ${name}`))

// What a bug looks like from outside: the client learns that there was one, the log learns which.
server.get('/admin/fail', () => {
  throw new Error('the password of the database is hunter2')
})
