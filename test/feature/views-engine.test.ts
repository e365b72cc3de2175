import { expect } from 'chai'
import { Server, type ViewEngine } from 'tribind'
import { bothWays } from './both-ways.ts'
import { viewFolder } from './view-folder.ts'

describe('views: cache', () => {
  const { root, write } = viewFolder({})
  const show = (server: Server) =>
    server.bindHandler('/:file', ({ params, response }) => response.writeTpl(params.file))
  const change = (text: string) => {
    write('page.eta', `${text} <%~ include('part') %> <%~ await includeAsync('part') %>`)
    write('part.eta', text)
  }

  bothWays(
    'a changed file is seen without it, also one that was broken or not there',
    show,
    async (send, _world, { way }) => {
      for (const text of ['one', 'two', 'one']) {
        change(text)
        expect((await send('/page')).text).to.equal(`${text} ${text} ${text}`)
      }
      write('part.eta', '<% if (')
      expect((await send('/page')).status).to.equal(500)
      expect((await send(`/fresh-${way}`)).status).to.equal(500)
      change('three')
      write(`fresh-${way}.eta`, 'fresh')
      expect([(await send('/page')).text, (await send(`/fresh-${way}`)).text]).to.deep.equal([
        'three three three',
        'fresh',
      ])
    },
    { view: { root, cache: false } },
  )

  bothWays(
    'a file is read once with it',
    show,
    async (send) => {
      change('one')
      expect((await send('/page')).text).to.equal('one one one')
      change('two')
      expect((await send('/page')).text).to.equal('one one one')
    },
    { view: { root, cache: true } },
  )

  for (const environment of ['production', 'development', undefined]) {
    it(`is decided by NODE_ENV, when the server is made: ${environment}`, async () => {
      const setEnvironment = (value: string | undefined) => {
        if (value === undefined) delete process.env['NODE_ENV']
        else process.env['NODE_ENV'] = value
      }
      const before = process.env['NODE_ENV']
      setEnvironment(environment)
      const server = new Server({ view: { root } })
      setEnvironment(before)
      show(server)
      write('env.eta', 'one')
      await server.inject({ url: '/env' })
      write('env.eta', 'two')
      expect((await server.inject({ url: '/env' })).text()).to.equal(environment === 'production' ? 'one' : 'two')
    })
  }
})

describe('views: an engine of your own', () => {
  const { root } = viewFolder({ 'a.html': 'A', 'b.tpl': 'B' })
  const calls: { file: string; data: object }[] = []
  class Engine implements ViewEngine {
    readonly #mark = '!'

    render(file: string, data: Record<string, unknown>) {
      calls.push({ file, data })
      if (data['fail'] === true) throw new Error('secret failure')
      return data['sync'] === true ? `sync${this.#mark}` : Promise.resolve(`async${this.#mark}`)
    }

    renderString(text: string, data: Record<string, unknown>) {
      return (data['value'] as string | undefined) ?? text.toUpperCase()
    }
  }

  bothWays(
    'is given full paths and data, sync or async',
    (server) => {
      server.bindHandler('/a', ({ response }) => response.writeTpl('a', { sync: true }))
      server.bindHandler('/b', ({ response }) => response.writeTpl('b.tpl', { user: Promise.resolve('Ann') }))
      server.bindHandler('/text', ({ view }) => view.parseContent('text'))
    },
    async (send) => {
      calls.length = 0
      expect((await send('/a')).text).to.equal('sync!')
      expect((await send('/b')).text).to.equal('async!')
      expect((await send('/text')).text).to.equal('TEXT')
      expect(calls.map(({ file }) => file)).to.deep.equal([`${root}/a.html`, `${root}/b.tpl`])
      expect({ ...calls[1]?.data }).to.deep.equal({ user: 'Ann' })
      expect(Object.getPrototypeOf(calls[1]?.data)).to.equal(null)
    },
    { view: { root, engine: new Engine() } },
  )

  bothWays(
    'one that fails, or gives no text, is a ViewError that names the file; the next request is served',
    (server) => {
      server.bindHandler('/a', ({ response }) => response.writeTpl('a', { sync: true }))
      server.bindHandler('/fail', ({ response }) => response.writeTpl('a', { fail: true }))
      server.bindHandler('/value', ({ view }) => view.parseContent('x', { value: 7 }))
      server.bindHandler('/none', ({ response }) => response.writeTpl('none'))
    },
    async (send, _world, { log }) => {
      for (const path of ['/fail', '/value', '/none']) {
        const answer = await send(path)
        expect([answer.status, answer.text], path).to.deep.equal([500, 'Internal Server Error'])
        expect((await send('/a')).text).to.equal('sync!')
      }
      const errors = log.map(({ fields }) => (fields as { error: Error & { code: string } }).error)
      expect(errors.map(({ code }) => code)).to.deep.equal(Array(3).fill('ERR_TRIBIND_VIEW'))
      expect(errors[0]?.message).to.equal(`${root}/a.html: secret failure`)
      expect(errors[0]?.cause).to.be.instanceOf(Error)
      expect(errors[1]?.message).to.contain('number')
      expect(errors[2]?.message).to.contain(`${root}/none.html`)
    },
    { view: { root, engine: new Engine() } },
  )
})
