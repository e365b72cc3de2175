import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { createTestClient } from 'tribind/testing'
import { build as buildWeb } from 'vite'
import { addBook, lendBook, listBooks, returnBook, showBook } from '../../examples/28-api/declarations.ts'
import { build } from '../../examples/28-api/main.ts'
import { createClient } from '../../examples/28-api/web/api.ts'
import { bin } from '../cli/tribind.ts'
import { temporaryFolder } from '../feature/temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const web = join(ROOT, 'examples/28-api/web')
const run = promisify(execFile)

/** Lines of a front end, and what TypeScript says of each; nothing where it is right. */
const lines: readonly (readonly [line: string, error?: RegExp])[] = [
  ["await client.GET('/api/books', { params: { query: { text: 'emma' } } })"],
  ["await client.POST('/api/books/{id}/loan', { params: { path: { id: 1 } }, body: { reader: 'Ann' } })"],
  ["await client.GET('/api/boks', {})", /"\/api\/boks"/],
  ["await client.PUT('/api/books', {})", /"\/api\/books"/],
  ["await client.GET('/api/books', { params: { query: { txt: 'emma' } } })", /'txt' does not exist/],
  [
    "await client.POST('/api/books/{id}/loan', { params: { path: { id: '1' } }, body: { reader: 'Ann' } })",
    /Type 'string' is not assignable to type 'number'/,
  ],
  [
    "await client.POST('/api/books/{id}/loan', { params: { path: { id: 1 } }, body: { redaer: 'Ann' } })",
    /'redaer' does not exist/,
  ],
  ["void (await client.GET('/api/books/{id}', { params: { path: { id: 1 } } })).data?.autor", /'autor' does not exist/],
]

describe('examples/28-api', function () {
  this.timeout(120_000)
  const folder = temporaryFolder({
    'front-end.ts': [
      `import { createClient } from '${web}/api.ts'`,
      'const client = createClient()',
      ...lines.map(([line]) => line),
    ].join('\n'),
    'tsconfig.json': JSON.stringify({ extends: join(web, 'tsconfig.json'), include: ['front-end.ts'] }),
  })
  const built = join(folder, 'web')

  it('serves what its declarations say', async () => {
    const client = createTestClient(build())
    const books = (await client.call(listBooks, { query: { text: 'AUSTEN' } })).json()
    expect(books).to.deep.equal([{ id: 1, title: 'Emma', author: 'Jane Austen', reader: null }])
    const params = { id: 1 }
    const lent = await client.call(lendBook, { params, body: { reader: ' Ann ' } })
    expect(lent.json()).to.have.property('reader', 'Ann')
    const refused = await client.call(lendBook, { params, body: { reader: 'Bob' } })
    expect([refused.status, refused.headers['content-type']]).to.deep.equal([409, 'application/problem+json'])
    expect(refused.json()).to.have.property('detail', 'Ann has Emma')
    expect((await client.call(returnBook, { params })).status).to.equal(204)
    expect((await client.call(showBook, { params })).json()).to.have.property('reader', null)
    expect((await client.call(showBook, { params: { id: 9 } })).status).to.equal(404)
    const wrong = await client.post('/api/books/1/loan', { json: { reader: '' } })
    expect([wrong.status, wrong.json<{ issues: { path: string[] }[] }>().issues[0]?.path]).to.deep.equal([
      400,
      ['body', 'reader'],
    ])
  })

  it('lets librarians alone add books', async () => {
    const client = createTestClient(build())
    const body = { title: 'Persuasion', author: 'Jane Austen' }
    expect((await client.post('/api/books', { json: body })).status).to.equal(401)
    const added = await client.call(addBook, { body, headers: { authorization: 'Bearer open-sesame' } })
    expect([added.status, added.headers.location]).to.deep.equal([201, '/api/books/3'])
  })

  it('has its documentation, and no front end before that is built', async () => {
    const server = build(built)
    const page = await server.inject('/docs')
    expect(page.status).to.equal(200)
    expect(page.text()).to.contain('<title>The lending library')
    const document = (await server.inject('/openapi.json')).json<{ paths: object }>()
    expect(Object.keys(document.paths)).to.deep.equal(['/api/books', '/api/books/{id}', '/api/books/{id}/loan'])
    expect((await server.inject('/')).status).to.equal(404)
  })

  it('has the client that `tribind client` writes', async () => {
    const { stdout } = await run(process.execPath, ['--import=tsx', bin, 'client', 'examples/28-api/main.ts'], {
      cwd: ROOT,
    })
    expect(readFileSync(join(web, 'api.ts'), 'utf8')).to.equal(stdout)
  })

  describe('its front end', () => {
    let server: Server
    before(async () => {
      // Vite sets it for the whole process.
      const { NODE_ENV } = process.env
      await buildWeb({ root: web, configFile: false, logLevel: 'error', build: { outDir: built } })
      if (NODE_ENV === undefined) delete process.env['NODE_ENV']
      else process.env['NODE_ENV'] = NODE_ENV
      server = build(built).setPort(0)
      await server.start()
    })
    after(() => server.stop())

    it('is built by Vite and served', async () => {
      const url = `http://${server.addresses[0]}`
      const page = await (await fetch(url)).text()
      const script = /<script type="module"[^>]* src="(.+?)"/.exec(page)?.[1] as string
      expect(existsSync(join(built, script))).to.equal(true)
      const response = await fetch(url + script)
      expect(response.headers.get('content-type')).to.match(/javascript/)
      expect(await response.text()).to.contain('/api/books/{id}/loan')
    })

    it('has a client that the server answers', async () => {
      const client = createClient({ baseUrl: `http://${server.addresses[0]}` })
      const params = { path: { id: 2 } }
      const lent = await client.POST('/api/books/{id}/loan', { params, body: { reader: 'Ann' } })
      expect(lent.data).to.deep.equal({ id: 2, title: 'Walden', author: 'Henry David Thoreau', reader: 'Ann' })
      const refused = await client.POST('/api/books/{id}/loan', { params, body: { reader: 'Bob' } })
      expect(refused.error).to.deep.equal({ title: 'Conflict', detail: 'Ann has Walden', status: 409 })
      expect((await client.DELETE('/api/books/{id}/loan', { params })).response.status).to.equal(204)
      const found = await client.GET('/api/books', { params: { query: { text: 'walden' } } })
      expect(found.data?.map(({ reader }) => reader)).to.deep.equal([null])
    })

    it('does not type-check with a path, an input or an answer that is not there', async () => {
      const tsc = join(ROOT, 'node_modules/.bin/tsc')
      await run(tsc, ['-p', web])
      const failed = (await run(tsc, ['-p', folder, '--pretty', 'false']).catch((error: unknown) => error)) as {
        stdout: string
      }
      const errors = failed.stdout.split(/^(?=\S)/m)
      for (const [i, [line, expected]] of lines.entries()) {
        const found = errors.filter(
          (error) => error.startsWith(`front-end.ts(${i + 3},`) || error.includes(`/front-end.ts(${i + 3},`),
        )
        if (expected === undefined) expect(found, line).to.deep.equal([])
        else expect(found.join('\n'), line).to.match(expected)
      }
    })
  })
})
