// Tests that undo themselves: each runs in a transaction, which its end rolls back. From the root of the repository:
//
//   npx mocha --no-config --timeout 10s --node-option import=tsx --node-option conditions=source examples/27-library-database/library.test.ts
//
// With DATABASE_URL they run on that database, and leave it as it was, but for the tables.
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { Rollback } from 'tribind'
import { createFactory } from 'tribind/database'
import { createTestServer, type TestClient, type TestServer } from 'tribind/testing'
import { build } from './main.ts'

const book = createFactory('books', (n) => ({ id: randomUUID(), title: `Title ${n}`, author: `Author ${n}` }))

describe('examples/27-library-database', () => {
  let server: TestServer
  let rollback: Rollback
  before(async () => {
    server = await createTestServer(await build({ environment: 'test' }))
  })
  after(() => server.stop())
  beforeEach(async () => {
    rollback = await server.transaction()
  })
  afterEach(() => rollback())

  const db = () => server.server.db()
  const countLoans = async () => (await db().selectFrom('loans').selectAll().execute()).length
  const read = (language = 'en') => server.client({ headers: { 'accept-language': language }, redirects: 1 })
  const enter = async (name: string, language?: string): Promise<TestClient> => {
    const client = read(language)
    await client.post('/readers/enter', { form: { name } })
    return client
  }

  it('shows the books in the language of the reader, with the number in its form', async () => {
    await db().deleteFrom('books').execute()
    await book.save(db(), 2, { author: 'Jane Austen' })
    for (const [language, title, count] of [
      ['en-GB', 'The library', '2 books'],
      ['de', 'Die Bücherei', '2 Bücher'],
      ['pl', 'Biblioteka', '2 książki'],
      ['fr', 'The library', '2 books'],
    ] as const) {
      const page = await read(language).get('/')
      expect(page.status).to.equal(200)
      expect(page.text()).to.contain(`<h1>${title}</h1>`).and.contain(`<p>${count}</p>`)
    }
  })

  it('remembers which language a reader chose', async () => {
    const client = read('de')
    await client.post('/readers/language', { form: { name: 'pl' } })
    expect((await client.get('/')).text()).to.contain('Biblioteka')
    await client.post('/readers/enter', { form: { name: 'Ann' } })
    expect((await client.get('/')).text()).to.contain('Dzień dobry, Ann!')
  })

  it('adds a book once', async () => {
    const form = { title: ' Persuasion ', author: 'Jane Austen' }
    const client = read()
    expect((await client.post('/books/add', { form })).text()).to.contain('Persuasion, by Jane Austen')
    const again = await client.post('/books/add', { form })
    expect(again.status).to.equal(409)
    expect(again.text()).to.contain('This book is there already.')
  })

  it('says what is wrong with a form in the language of the reader, and keeps what was typed', async () => {
    const page = await read('de').post('/books/add', { form: { title: ' ', author: 'Kafka<b>'.repeat(20) } })
    expect(page.status).to.equal(400)
    expect(page.text())
      .to.contain('<span role="alert">Titel darf nicht leer sein</span>')
      .and.contain('<span role="alert">Verfasser darf höchstens 100 Zeichen haben</span>')
      .and.contain('value="Kafka&lt;b&gt;')
    expect((await read('pl').post('/books/add')).text()).to.contain('Brakuje pola Tytuł')
  })

  it('lends a book to one reader, who gives it back', async () => {
    const [{ id } = { id: '' }] = await book.save(db())
    const ann = await enter('Ann')
    const bob = await enter('Bob')
    expect((await ann.post(`/loans/${id}/borrow`)).text()).to.contain(`action="/loans/${id}/give-back"`)
    const taken = await bob.post(`/loans/${id}/borrow`)
    expect(taken.status).to.equal(409)
    expect(taken.text()).to.contain('Somebody else has this book.').and.contain('Ann has it')
    // It is Ann's.
    await bob.post(`/loans/${id}/give-back`)
    expect(await countLoans()).to.equal(1)
    await ann.post(`/loans/${id}/give-back`)
    expect((await bob.post(`/loans/${id}/borrow`)).status).to.equal(200)
  })

  it('lends it once, also where all ask at the same time', async () => {
    const [{ id } = { id: '' }] = await book.save(db())
    const readers = await Promise.all(['Ann', 'Bob', 'Cem', 'Dan'].map((name) => enter(name)))
    const answers = await Promise.all(readers.map((reader) => reader.post(`/loans/${id}/borrow`)))
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 409, 409, 409])
    expect(await countLoans()).to.equal(1)
  })

  it('lends so many to a reader, and nothing to a stranger', async () => {
    const books = await book.save(db(), 4)
    const ann = await enter('Ann', 'pl')
    const statuses = []
    for (const { id } of books) statuses.push((await ann.post(`/loans/${id}/borrow`)).status)
    expect(statuses).to.deep.equal([200, 200, 200, 409])
    expect((await ann.post(`/loans/${books[3]?.id}/borrow`)).text()).to.contain('Masz już 3 książki.')
    const stranger = await read().post(`/loans/${books[3]?.id}/borrow`)
    expect(stranger.status).to.equal(403)
    expect(stranger.text()).to.contain('Say who you are first.')
  })

  it('has no book that is not there', async () => {
    for (const id of ['emma', '1000000', randomUUID(), 'a'.repeat(300)])
      expect((await (await enter('Ann')).post(`/loans/${id}/borrow`)).status).to.equal(404)
  })

  it('is healthy', async () => {
    expect((await read().get('/health')).json()).to.deep.equal({ status: 'ok' })
  })

  it('has undone all of it', async () => {
    await rollback()
    expect(await countLoans()).to.equal(0)
    expect(
      await db()
        .selectFrom('sessions' as never)
        .selectAll()
        .execute(),
    ).to.deep.equal([])
    const titles = (await db().selectFrom('books').select('title').execute()).map(({ title }) => title)
    expect(titles).to.have.members(['Emma', 'Walden', 'Lalka', 'Der Process'])
  })
})
