import { expect } from 'chai'
import { createServer } from 'node:http'
import type { Server } from 'tribind'
import { build, openShop } from '../../examples/24-reverse-proxy/main.ts'
import { collectingLogger } from '../feature/both-ways.ts'

describe('examples/24-reverse-proxy', () => {
  let shop: Awaited<ReturnType<typeof openShop>>
  let server: Server

  beforeEach(async () => {
    shop = await openShop()
    server = build(shop, collectingLogger())
    server.setPort(0)
    await server.start()
  })

  afterEach(async () => {
    await server.stop()
    shop.close()
  })

  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`)
    return { status: response.status, text: await response.text() }
  }

  it('takes pages from both servers, and results from the third', async () => {
    const pages = [await get('/'), await get('/'), await get('/x')].map(({ text }) => text)
    expect(new Set(pages)).to.deep.equal(new Set(['hello from red', 'hello from blue']))
    expect(await get('/search/books?q=x')).to.deep.equal({ status: 200, text: 'found /books?q=x' })
    const nodes = JSON.parse((await get('/gateway')).text) as { addr: string; totalRequests: number }[]
    expect(nodes.map(({ addr }) => addr)).to.deep.equal([...shop.pages, shop.search])
    expect(nodes.map(({ totalRequests }) => totalRequests)).to.deep.equal([2, 1, 1])
  })

  it('goes on with one server, and says so where there is none', async () => {
    const [, blue] = shop.pages
    shop.close()
    const port = Number(new URL(blue as string).port)
    const back = createServer((_, response) => response.end('hello again')).listen(port, '127.0.0.1')
    try {
      for (let i = 0; i < 4; i++) expect((await get('/')).text).to.equal('hello again')
    } finally {
      back.close()
      back.closeAllConnections()
    }
    expect(await get('/search/x')).to.deep.equal({ status: 502, text: 'The shop is closed for a moment.' })
  })
})
