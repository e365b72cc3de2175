import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import type { Rollback } from 'tribind'
import { createFactory } from 'tribind/database'
import { createTestServer, type TestServer } from 'tribind/testing'
import { build } from '../src/app.ts'

const note = createFactory('notes', (n) => ({ id: `${n}`, text: `Note ${n}`, created: new Date(n).toISOString() }))

let server: TestServer
let rollback: Rollback
before(async () => {
  server = await createTestServer(await build({ environment: 'test' }))
})
after(() => server.stop())
// What a test writes to the database is undone.
beforeEach(async () => {
  rollback = await server.transaction()
})
afterEach(() => rollback())

const db = () => server.server.db()
const read = (language = 'en') => server.client({ headers: { 'accept-language': language }, redirects: 1 })

test('shows the notes in the language of the reader', async () => {
  assert.match((await read().get('/')).text(), /There are no notes yet\./)
  await note.save(db(), 2)
  assert.match((await read('de-AT').get('/')).text(), /<h1>Notizen<\/h1>[^]*<p>2 Notizen<\/p>[^]*<li>Note 2<\/li>/)
})

test('adds a note', async () => {
  const page = await read().post('/notes/add', { form: { text: ' Milk & bread ' } })
  assert.equal(page.status, 200)
  assert.match(page.text(), /<p>1 note<\/p>[^]*<li>Milk &amp; bread<\/li>/)
})

test('says what is wrong with a note, and keeps what was typed', async () => {
  const empty = await read('de').post('/notes/add', { form: { text: ' ' } })
  assert.equal(empty.status, 400)
  assert.match(empty.text(), /<span role="alert">Notiz darf nicht leer sein<\/span>/)
  assert.match((await read().post('/notes/add', { form: { text: 'x'.repeat(201) } })).text(), /value="x{201}"/)
})

test('has the notes as JSON', async () => {
  const added = await read().post('/api/notes', { json: { text: 'Milk' } })
  assert.equal(added.status, 201)
  assert.deepEqual((await read().get('/api/notes')).json(), [added.json()])
  assert.equal((await read().post('/api/notes', { json: {} })).status, 400)
})

test('says what answers, and how long it took', async () => {
  const answer = await read('de').get('/about')
  assert.deepEqual(answer.json(), { name: 'application-name', node: process.version, title: 'Notizen' })
  assert.match(answer.headers['server-timing'] as string, /^total;dur=[\d.]+$/)
})

test('is healthy', async () => {
  assert.deepEqual((await read().get('/health')).json(), { status: 'ok' })
})
