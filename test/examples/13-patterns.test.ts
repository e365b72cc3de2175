import { expect } from 'chai'
import { build } from '../../examples/13-patterns/main.ts'
import { serve } from './serve.ts'

describe('examples/13-patterns', () => {
  const ask = serve(build)

  const cases: [what: string, pattern: string, params: Record<string, string>][] = [
    ['/user/list', '/user/list', {}],
    ['/user/list/', '/user/list', {}],
    ['//user//list', '/user/list', {}],
    ['/%75ser/list', '/user/list', {}],
    ['POST /user/list', 'POST:/user/list', {}],
    ['PUT /user/list', '/user/list', {}],
    ['/user/ann', '/user/:name', { name: 'ann' }],
    ['/user/List', '/user/:name', { name: 'List' }],
    ['/user/a%2Fb', '/user/:name', { name: 'a/b' }],
    ['/user/list/edit', '/user/:name/edit', { name: 'list' }],
    ['/user/list/3.html', '/user/list/{page}.html', { page: '3' }],
    ['/course/5b-physics', '/course/{class}-{course}', { class: '5b', course: 'physics' }],
    ['/course/a-b-c', '/course/{class}-{course}', { class: 'a-b', course: 'c' }],
    ['/course/physics', '/course/:code', { code: 'physics' }],
    ['/archive/a.tar.gz', '/archive/{name}.{type}', { name: 'a.tar', type: 'gz' }],
    ['/files/css/site.css', '/files/*path', { path: 'css/site.css' }],
    ['/repos/a/b/raw/c.txt', '/repos/*path/raw/:file', { path: 'a/b', file: 'c.txt' }],
    ['/either', 'GET, PUT:/either', {}],
    ['HEAD /either', 'GET, PUT:/either', {}],
    ['PUT /either', 'GET, PUT:/either', {}],
    ['POST /either', '/*', {}],
    ['/gr%C3%B6%C3%9Fe/m', '/größe/:wert', { wert: 'm' }],
    ['/any/x/thing', '/any/:/thing', {}],
    ['/nowhere/else', '/*', {}],
    ['/', '/*', {}],
  ]

  for (const [what, pattern, params] of cases) {
    it(`serves ${what} by ${pattern}`, async () => {
      const answer = await ask(what)
      expect(answer.status).to.equal(200)
      if (what.startsWith('HEAD')) return
      expect(answer.json()).to.deep.equal({ pattern, params })
    })
  }

  it('lets * stand for nothing at all', async () => {
    expect((await ask('/files')).json()).to.deep.include({ pattern: '/files/*path' })
    expect((await ask('/repos/raw/c.txt')).json()).to.deep.include({ pattern: '/repos/*path/raw/:file' })
  })

  it('refuses a path that leads out of itself', async () => {
    for (const path of ['/user/%2e%2e', '/user/%zz', '/user/a%00b', '/user/a%5Cb']) {
      expect((await ask(path)).status, path).to.equal(400)
    }
  })

  it('shows the table in matching order', async () => {
    const table = (await ask('/routes')).json() as string[]
    const before = (first: string, second: string): void => {
      expect(table).to.include.members([first, second])
      expect(table.indexOf(first), `${first} before ${second}`).to.be.below(table.indexOf(second))
    }
    before('POST /user/list', 'ALL /user/list')
    before('ALL /user/list', 'ALL /user/:name')
    before('ALL /course/{class}-{course}', 'ALL /course/:code')
    before('GET /routes', 'ALL /*')
  })
})
