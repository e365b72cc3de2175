import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { declaration, Server } from 'tribind'
import { z } from 'zod'
import { describePages } from '../browser/pages.ts'
import { runProgram } from '../docs/run-program.ts'

const info = { title: 'The <b>"library"</b>', version: '1' }

const withoutPackages = `
import Module from 'node:module'
import { Server } from 'tribind'

const resolver = Module as unknown as { _resolveFilename: (name: string, ...rest: unknown[]) => unknown }
const resolve = resolver._resolveFilename
resolver._resolveFilename = (name, ...rest) => {
  if (/swagger|scalar/.test(name)) throw new Error('there is no such package')
  return resolve(name, ...rest)
}
const server = new Server()
const info = { title: 'T', version: '1' }
try {
  server.openapi({ info })
} catch (error) {
  const { name, failure, message } = error as Error & { failure: string }
  console.log(name, failure, message)
}
const count = server.routes().length
console.log(count, (await server.openapi({ info, page: false }).inject('/openapi.json')).status)
`

function createLibrary(): Server {
  const server = new Server({ port: 0, problems: true })
  const lend = declaration({
    summary: 'Lends a book',
    operationId: 'lend',
    params: z.object({ id: z.coerce.number().int() }),
    // What the refinement refuses, JSON Schema doesn't tell, so that the page sends it.
    query: z.object({
      days: z.coerce.number().default(14),
      reader: z.string().refine((name) => name !== 'Eve', 'No Eve'),
    }),
    responses: { 200: z.object({ id: z.number(), days: z.number() }) },
  })
  server.get(
    '/books/:id/loans',
    lend.handler(({ params, query }) => ({ id: params.id, days: query.days })),
  )
  return server.openapi({ info })
}

describe('the page of an OpenAPI document', () => {
  it('links to its files and its document, with and without a / at its end', async () => {
    const server = createLibrary()
    const links = async (url: string) =>
      [...(await server.inject(url)).text().matchAll(/(?:href|src|-document)="([^"]*)"/g)].map(([, to]) => to)
    const names = ['swagger-ui.css', 'swagger-ui-bundle.js', 'start.js']
    const [css, bundle, start] = names
    expect(await links('/docs')).to.deep.equal([
      'data:,',
      `docs/${css}`,
      'openapi.json',
      `docs/${bundle}`,
      `docs/${start}`,
    ])
    expect(await links('/docs/?a=/b')).to.deep.equal(['data:,', css, '../openapi.json', bundle, start])
    for (const name of names) expect((await server.inject(`/docs/${name}`)).status).to.equal(200)
  })

  it('finds its document wherever both are', async () => {
    const found = async (path: string, page: string, url = page) => {
      const server = new Server().openapi({ info, path, page })
      const [, to = ''] = /data-document="([^"]*)"/.exec((await server.inject(url)).text()) ?? []
      return new URL(to, `http://localhost${url}`).pathname
    }
    expect(await found('/a/b/openapi.json', '/a/docs')).to.equal('/a/b/openapi.json')
    expect(await found('/a/b/openapi.json', '/a/docs', '/a/docs/')).to.equal('/a/b/openapi.json')
    expect(await found('/docs', '/docs/page')).to.equal('/docs')
    expect(await found('/docs/openapi.json', '/docs', '/docs/')).to.equal('/docs/openapi.json')
    expect(await found('/openapi.json', '/')).to.equal('/openapi.json')
  })

  it('has a policy that lets nothing in from elsewhere, and lets requests out to where the API is', async () => {
    const server = new Server()
    server.domain('a.example').get('/x', () => '')
    server.openapi({
      info,
      servers: [{ url: 'https://api.example:8443/v1' }, { url: '/v2' }, { url: "https://x';script-src *" }],
    })
    const { headers } = await server.inject('/docs')
    expect(headers['content-security-policy']).to.equal(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' a.example https://api.example:8443; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
  })

  it('writes the title as text', async () => {
    const text = (await createLibrary().inject('/docs')).text()
    expect(text).to.include('<title>The &lt;b&gt;&quot;library&quot;&lt;/b&gt;</title>')
  })

  it('has types, and is not sent again where it has not changed', async () => {
    const server = createLibrary()
    const first = await server.inject('/docs/swagger-ui.css')
    expect(first.headers['content-type']).to.equal('text/css; charset=utf-8')
    const headers = { 'if-none-match': first.headers.etag as string }
    expect((await server.inject({ url: '/docs/swagger-ui.css', headers })).status).to.equal(304)
    expect((await server.inject('/docs/start.js')).headers['content-type']).to.equal('text/javascript; charset=utf-8')
  })

  for (const file of [
    'package.json',
    'swagger-ui.js',
    '..%2Fpackage.json',
    '%2e%2e%2fzod%2fpackage.json',
    'constructor',
  ])
    it(`serves no ${file}`, async () => {
      expect((await createLibrary().inject(`/docs/${file}`)).status).to.be.oneOf([400, 404])
    })

  it('needs a package, and says which', async () => {
    const { stdout } = await runProgram(withoutPackages)
    expect(stdout).to.match(
      /^ConfigError ERR_TRIBIND_PACKAGE_MISSING openapi: the page needs the package "swagger-ui-dist" or "@scalar\/api-reference"/,
    )
    expect(stdout).to.match(/run npm install swagger-ui-dist, or set page: false.*\n0 200\n$/)
  }).timeout(60_000)

  it('is left out by false', async () => {
    const server = new Server().openapi({ info, page: false })
    expect((await server.inject('/docs')).status).to.equal(404)
    expect((await server.inject('/openapi.json')).status).to.equal(200)
  })
})

/** What happened in a page that should not. */
function watch(page: Page): { readonly messages: string[]; readonly hosts: Set<string> } {
  const seen = { messages: [] as string[], hosts: new Set<string>() }
  page.on('console', (message) => {
    // Chromium tells of each answer that is an error.
    if (message.type() === 'error' && !message.text().includes('status of 400')) seen.messages.push(message.text())
  })
  page.on('pageerror', ({ message }) => void seen.messages.push(message))
  page.on('request', (request) => void seen.hosts.add(new URL(request.url()).host))
  return seen
}

/** Tries the only operation. Returns the URL and the body that the page shows, once it shows the status. */
async function tryOperation(page: Page, values: object, status: number): Promise<[url: string, body: unknown]> {
  const operation = page.locator('#operations-default-lend')
  if ((await operation.locator('.execute').count()) === 0) {
    await operation.locator('.opblock-summary-control').click()
    await operation.locator('.try-out__btn').click()
  }
  for (const [name, value] of Object.entries(values))
    await operation.locator(`[data-param-name="${name}"] input`).fill(String(value))
  await operation.locator('.execute').click()
  const answer = operation.locator('.live-responses-table')
  await answer
    .locator('tbody .response-col_status', { hasText: String(status) })
    .first()
    .waitFor()
  const body = await answer.locator('.response-col_description .microlight').first().textContent()
  return [(await operation.locator('.request-url pre').textContent()) ?? '', JSON.parse(body ?? '')]
}

describePages('the page of an OpenAPI document', createLibrary, (open) => {
  it('shows the operations, tries one, and shows what a wrong value is answered, without a request to another host', async () => {
    const page = await open('/docs')
    const seen = watch(page)
    await page.reload()
    expect(await page.title()).to.equal(info.title)
    await page.locator('.opblock-summary-description', { hasText: 'Lends a book' }).waitFor()
    const { origin } = new URL(page.url())
    expect(await tryOperation(page, { id: 5, days: 7, reader: 'Ada' }, 200)).to.deep.equal([
      `${origin}/books/5/loans?days=7&reader=Ada`,
      { id: 5, days: 7 },
    ])
    const [, problem] = await tryOperation(page, { id: 5, days: 7, reader: 'Eve' }, 400)
    expect(problem).to.deep.include({ status: 400, issues: [{ message: 'No Eve', path: ['query', 'reader'] }] })
    expect(seen.messages).to.deep.equal([])
    expect([...seen.hosts]).to.deep.equal([new URL(origin).host])
    await page.close()
  })
})

describePages(
  'the page of an OpenAPI document below a prefix',
  () => {
    const server = createLibrary()
    return new Server({ port: 0 }).mount('/shop', server)
  },
  (open) => {
    it('loads its files and tries operations there', async () => {
      const page = await open('/shop/docs')
      const seen = watch(page)
      await page.reload()
      const { origin } = new URL(page.url())
      const [url] = await tryOperation(page, { id: 5, days: 7, reader: 'Ada' }, 200)
      expect(url).to.equal(`${origin}/shop/books/5/loans?days=7&reader=Ada`)
      expect(seen.messages).to.deep.equal([])
      await page.close()
    })
  },
)
