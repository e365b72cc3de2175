import { expect } from 'chai'
import { getServer } from 'tribind'
import { build } from '../../examples/02-mvc/main.ts'
import { type Answer, serve } from './serve.ts'

describe('examples/02-mvc', () => {
  const ask = serve(build)
  const librarian = { Authorization: 'Bearer open-sesame' }

  it('is the server that the modules know by its name', () => {
    expect(build()).to.equal(getServer('mvc'))
  })

  describe('controllers/books', () => {
    it('makes, shows, changes and removes a book', async () => {
      const made = await ask('POST /books?title=Ulysses&author=Joyce')
      expect(made.status).to.equal(201)
      const { id } = made.json() as { id: number }
      const path = `/books/${id}`
      expect(made.headers.location).to.equal(path)

      expect((await ask(path)).json()).to.deep.equal({ id, title: 'Ulysses', author: 'Joyce', reader: null })
      expect((await ask('/books')).json()).to.deep.include({ id, title: 'Ulysses', author: 'Joyce', reader: null })

      const changed = await ask(`PUT ${path}?author=James%20Joyce`)
      expect(changed.json()).to.deep.equal({ id, title: 'Ulysses', author: 'James Joyce', reader: null })

      expect(await ask(`DELETE ${path}`)).to.include({ status: 204, text: '' })
      expect((await ask(path)).status).to.equal(404)
    })

    it('refuses a book without a title or an author', async () => {
      for (const query of ['', '?author=Joyce', '?title=Ulysses', '?title=&author=Joyce']) {
        const answer = await ask(`POST /books${query}`)
        expect(answer.status, query).to.equal(400)
        expect(answer.text).to.equal('a book has a title and an author')
      }
    })

    it('says which book is missing', async () => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await ask(`${method} /books/99`)
        expect(answer.status, method).to.equal(404)
        expect(answer.text).to.equal('there is no book 99')
      }
    })

    it('has no other method', async () => {
      expect((await ask('PATCH /books/1')).status).to.equal(404)
    })
  })

  describe('controllers/loans', () => {
    it('lends a book to one reader at a time', async () => {
      expect((await ask('/loans')).json()).to.deep.equal([])

      expect((await ask('POST /loans/borrow?book=1&reader=Ann')).json()).to.deep.include({ id: 1, reader: 'Ann' })
      const second = await ask('POST /loans/borrow?book=1&reader=Bob')
      expect(second.status).to.equal(409)
      expect(second.text).to.equal('Ann has Emma')
      expect((await ask('/loans')).json()).to.have.lengthOf(1)

      expect((await ask('POST /loans/give-back?book=1')).json()).to.deep.include({ id: 1, reader: null })
      expect((await ask('/loans')).json()).to.deep.equal([])
    })

    it('changes nothing by GET', async () => {
      expect((await ask('/loans/borrow?book=1&reader=Ann')).status).to.equal(404)
      expect((await ask('/loans')).json()).to.deep.equal([])
    })
  })

  describe('handlers/pages', () => {
    it('serves plain functions', async () => {
      expect((await ask('/')).text).to.equal('a library of 2 books')
      expect((await ask('/books/1.txt')).text).to.equal('Emma, by Jane Austen')
      expect((await ask('/search/thoreau')).json()).to.have.lengthOf(1)
    })

    it('lists the routes for the librarian', async () => {
      const routes = (await ask('/admin/routes', librarian)).json() as string[]
      for (const route of ['GET /books', 'POST /books', 'DELETE /books/:id', 'POST /loans/give-back', 'GET /visits']) {
        expect(
          routes.filter((line) => line.startsWith(`${route} `)),
          route,
        ).to.have.lengthOf(1)
      }
    })
  })

  describe('objects/visits', () => {
    it('counts over all requests, until it is reset', async () => {
      await ask('POST /admin/visits/reset', librarian)
      expect((await ask('/visits')).json()).to.deep.equal({ visits: 1 })
      expect((await ask('/visits')).json()).to.deep.equal({ visits: 2 })
      expect((await ask('POST /admin/visits/reset', librarian)).json()).to.deep.equal({ visits: 0 })
    })
  })

  describe('handlers/errors', () => {
    it('says of a path that it leads nowhere', async () => {
      const answer = await ask('/nowhere')
      expect(answer.status).to.equal(404)
      expect(answer.headers['content-type']).to.equal('application/json; charset=utf-8')
      expect(answer.json()).to.deep.equal({ error: 'there is nothing at /nowhere', see: '/books' })
    })

    it('logs a bug under the id that the client gets, and nothing else', async () => {
      const { answer, log } = await capturingLog(() => ask('/admin/fail', librarian))
      expect(answer.status).to.equal(500)
      const { error, id } = answer.json() as Record<string, string>
      expect(error).to.equal('something broke, and was logged')
      expect(answer.text).not.to.contain('hunter2')
      expect(log).to.contain('hunter2')
      expect(id).to.be.a('string').that.is.not.empty
      expect(log).to.contain(id)
    })
  })

  describe('hooks', () => {
    it('times every answer, good or bad', async () => {
      for (const path of ['/', '/books/99', '/nowhere']) {
        expect((await ask(path)).headers['server-timing'], path).to.match(/^total;dur=\d+\.\d$/)
      }
    })

    it('lets nobody but the librarian below /admin', async () => {
      for (const headers of [{}, { Authorization: 'Bearer guess' }, { Authorization: 'open-sesame' }]) {
        for (const what of ['/admin/routes', 'POST /admin/visits/reset', '/admin/nowhere']) {
          const answer = await ask(what, headers)
          expect(answer.status, what).to.equal(401)
          expect(answer.headers['www-authenticate']).to.equal('Bearer')
          expect(answer.text).to.equal('for librarians only')
        }
      }
      expect((await ask('/admin/nowhere', librarian)).status).to.equal(404)
    })
  })
})

/** What the default logger, which writes to stderr, wrote meanwhile. */
async function capturingLog(send: () => Promise<Answer>): Promise<{ answer: Answer; log: string }> {
  const write = process.stderr.write.bind(process.stderr)
  let log = ''
  process.stderr.write = (chunk: string | Uint8Array) => {
    log += String(chunk)
    return true
  }
  try {
    const answer = await send()
    return { answer, log }
  } finally {
    process.stderr.write = write
  }
}
