import { symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { ConfigError, type Request, Server, TribindError, ViewError } from 'tribind'
import { bothWays, callUntyped, type Entry, thrownBy } from './both-ways.ts'
import { viewFolder } from './view-folder.ts'

interface Logged extends Error {
  code: string
  file?: string
  line?: number
}

describe('views: templates that fail', () => {
  const secret = 'secret of the server'
  const { root } = viewFolder({
    'ok.eta': 'ok <%= it.page %>',
    'runtime.eta': `<p>\n${secret}\n<%= it.none.name %>`,
    'thrown.eta': `a\n<% throw null %>`,
    'code.eta': 'a\n<p><%= it.a b %></p>\n<%= it.x %>',
    'open.eta': 'a\n<% if (it.x) { %>\nfoo',
    'closed.eta': 'a\n<% } %>\nfoo\n<%= it.y %>',
    'tag.eta': 'a\n\n<%= it.y \nend',
    'string.eta': 'a\n<%= it.y(" %>',
    'block.eta': 'a\n\n<%\n const a = 1\n const a = 2\n%>\nfoo',
    'crlf.eta': 'a\r\nb\r\n<%= it.none.name %>',
    'missing.eta': 'a\n<%~ include("./none") %>',
    'outside.eta': 'a\n<%~ include("../../../../../../etc/passwd") %>',
    'layout-missing.eta': 'a\n<% layout("none") %>\n\n<%= 1 %>',
    'sub/nested.eta': 'a\n<%~ include("../runtime") %>',
    'waits.eta': '<%= await it.page %>',
    'waits-not.eta': 'a\n\n\n<%~ include("waits") %>',
    'self.eta': 'a\n<%~ include("self") %>',
    'self-later.eta': 'a\n<% await null %><%~ await includeAsync("self-later") %>',
    'self-layout.eta': '<% layout("self-layout") %><% await null %>',
    'unawaited.eta': '<% includeAsync("runtime") %><% await new Promise((resolve) => setTimeout(resolve, 5)) %>fine',
  })
  const show = (server: Server) => {
    server.bindHandler('/text', ({ view }) => view.parseContent('a\n<%= it.none.name %>'))
    server.bindHandler('/text-tag', ({ view }) => view.parseContent('a\n<%= it.none'))
    server.bindHandler('/text-missing', ({ view }) => view.parseContent('a\n<%~ include("none") %>'))
    server.bindHandler('/*file', async ({ params, response }) => {
      response.write('written before')
      await response.writeTpl(params.file, { page: 1 })
    })
  }

  const expected: Record<string, { place: string; message: RegExp; cause?: unknown }> = {
    runtime: { place: 'runtime.eta:3', message: /Cannot read properties of undefined/, cause: TypeError },
    thrown: { place: 'thrown.eta:2', message: /a value of type \w+ was thrown/ },
    code: { place: 'code.eta:2', message: /missing \)/, cause: SyntaxError },
    open: { place: 'open.eta:2', message: /a brace that is opened is not closed/, cause: SyntaxError },
    closed: { place: 'closed.eta:2', message: /a brace is closed that was not opened/, cause: SyntaxError },
    tag: { place: 'tag.eta:3', message: /unclosed tag/, cause: SyntaxError },
    string: { place: 'string.eta:2', message: /unclosed string/, cause: SyntaxError },
    block: { place: 'block.eta:3', message: /'a' has already been declared/, cause: SyntaxError },
    crlf: { place: 'crlf.eta:3', message: /Cannot read/ },
    missing: { place: 'missing.eta:2', message: /template "\.\/none" doesn't exist/, cause: ViewError },
    outside: { place: 'outside.eta:2', message: /outside the root/, cause: ViewError },
    'layout-missing': { place: 'layout-missing.eta:2', message: /template "none" doesn't exist/ },
    'sub/nested': { place: 'runtime.eta:3', message: /Cannot read/, cause: TypeError },
    'waits-not': { place: 'waits-not.eta:4', message: /waits\.eta: .*includeAsync/ },
    self: { place: 'self.eta:2', message: /without end/ },
    'self-later': { place: 'self-later.eta:2', message: /without end/ },
    'self-layout': { place: 'self-layout.eta:1', message: /without end/ },
    text: { place: 'a text:2', message: /Cannot read/ },
    'text-tag': { place: 'a text:2', message: /unclosed tag/ },
    'text-missing': { place: 'a text:2', message: /template "none" doesn't exist/ },
  }

  for (const cache of [true, false]) {
    bothWays(
      `name file and line in the log and tell the client nothing; the next request is served, cache: ${cache}`,
      show,
      async (send, _world, { log }) => {
        for (const [path, { place, message, cause }] of Object.entries(expected)) {
          for (const round of ['first', 'second']) {
            log.length = 0
            const answer = await send(`/${path}`)
            expect([answer.status, answer.text], path).to.deep.equal([500, 'Internal Server Error'])
            expect(answer.header('content-type')).to.equal('text/plain; charset=utf-8')
            expect(log, `${path}, ${round}`).to.have.length(1)
            const { error } = (log[0] as Entry).fields as { error: Logged }
            expect(error, path).to.be.instanceOf(ViewError)
            expect(error).to.be.instanceOf(TribindError)
            expect(error.code).to.equal('ERR_TRIBIND_VIEW')
            const named = place.startsWith('a text') ? place : join(root, place)
            expect(error.message.startsWith(`${named}: `), `${error.message} begins with ${named}`).to.equal(true)
            expect(error.message).to.match(message)
            expect(`${error.file ?? 'a text'}:${error.line}`).to.equal(named)
            if (cause !== undefined) expect(error.cause).to.be.instanceOf(cause)
          }
          expect((await send('/ok')).text).to.equal('written beforeok 1')
        }
      },
      { view: { root, cache } },
    )
  }

  bothWays(
    'a partial that nobody awaits does not end the process',
    show,
    async (send) => {
      expect((await send('/unawaited')).text).to.equal('written beforefine')
    },
    { view: { root } },
  )
})

describe('views: names', () => {
  const { root, write } = viewFolder({
    'views/ok.eta': 'ok',
    'views/sub/page.eta': 'page',
    'views/..dots.eta': 'dots',
    'secret.eta': 'secret',
    'views-too/secret.eta': 'secret',
  })
  write('views/sub/deep/x.eta', 'x')
  symlinkSync(join(root, 'secret.eta'), join(root, 'views/link.eta'))
  symlinkSync(root, join(root, 'views/up'))
  symlinkSync(join(root, 'views/ok.eta'), join(root, 'views/inner.eta'))

  for (const cache of [true, false]) {
    bothWays(
      `none leads out of the root, cache: ${cache}`,
      (server) => server.bindHandler('/x', ({ query, response }) => response.writeTpl(query['name'] as string)),
      async (send, _world, { log }) => {
        const names = [
          '../secret',
          '../secret.eta',
          'sub/../../secret',
          '..',
          '../',
          '.',
          '/',
          '',
          '/../secret',
          '..\\secret',
        ]
        names.push('/etc/passwd', '//etc/passwd', join(root, 'secret.eta'), join(root, 'secret'), '../views-too/secret')
        names.push(
          'ok\0',
          '\0',
          'ok.eta\0.eta',
          'ok\n',
          'link',
          'link.eta',
          'up/secret',
          'up/secret.eta',
          'sub',
          'sub/',
        )
        names.push('file:///etc/passwd', '%2e%2e/secret', '~/x', 'a'.repeat(300), 'a'.repeat(5000), '@ok', '__proto__')
        names.push('ok.eta/../../secret', 'C:\\x', '\\\\host\\share', '...', 'ok.', 'constructor', '&name=b')
        for (const name of names) {
          log.length = 0
          const text = name === '&name=b' ? `a${name}` : encodeURIComponent(name)
          const answer = await send(`/x?name=${text}`)
          expect([answer.status, answer.text], name).to.deep.equal([500, 'Internal Server Error'])
          const { error } = (log[0] as Entry).fields as { error: Logged }
          expect(error, name).to.be.instanceOf(ViewError)
          expect(error.message, 'one line').to.match(/^[^\r\n\0]+$/)
          expect(error.message.length).to.be.lessThan(6000)
          expect((await send('/x?name=ok')).text).to.equal('ok')
        }
      },
      { view: { root: join(root, 'views'), cache } },
    )
  }

  bothWays(
    'one file has many',
    (server) => {
      write('views/index.eta', 'index')
      server.bindHandler('/x', ({ view, query }) => view.display(query['name'] as string | undefined))
    },
    async (send) => {
      for (const name of ['ok', '/ok', 'ok.eta', 'sub/../ok', './ok', '//ok.eta', 'ok.eta/', 'inner']) {
        expect((await send(`/x?name=${encodeURIComponent(name)}`)).text, name).to.equal('ok')
      }
      expect((await send('/x?name=sub//page')).text).to.equal('page')
      expect((await send('/x?name=..dots.eta')).text).to.equal('dots')
      expect((await send('/x')).text).to.equal('index')
    },
    { view: { root: join(root, 'views') } },
  )
})

describe('views: options', () => {
  const { root } = viewFolder({ 'index.eta': 'index' })
  const engine = { render: () => '', renderString: () => '' }

  const bad: Record<string, [value: unknown, named: RegExp]> = {
    'no object': ['views', /"view"/],
    null: [null, /"view"/],
    'no root': [{}, /"view\.root".*existing folder/],
    'an empty root': [{ root: '' }, /"view\.root"/],
    'a root that is no path': [{ root: 7 }, /"view\.root".*got 7/],
    'a root that is not there': [{ root: join(root, 'none') }, /"view\.root".*none/],
    'a root that is a file': [{ root: join(root, 'index.eta') }, /"view\.root".*index\.eta/],
    'a root on the web': [{ root: new URL('https://example.com/') }, /"view\.root".*example/],
    'an unknown field': [{ root, rot: 1 }, /"view\.rot"/],
    'a field of every object': [{ root, toString: 1 }, /"view\.toString"/],
    'an engine that is none': [{ root, engine: {} }, /"view\.engine".*renderString/],
    'half an engine': [{ root, engine: { render: () => '' } }, /"view\.engine"/],
    'the name of an engine': [{ root, engine: 'ejs' }, /"view\.engine"/],
    'an extension that is a path': [{ root, extension: '/../x' }, /"view\.extension"/],
    'an extension that is no text': [{ root, extension: 1 }, /"view\.extension"/],
    'a cache that is no flag': [{ root, cache: 'yes' }, /"view\.cache"/],
  }
  for (const [name, [view, named]] of Object.entries(bad)) {
    it(`${name} is a ConfigError that names it`, () => {
      const error = thrownBy(() => new Server({ view } as never))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.match(named)
    })
  }

  it('undefined is as if it were not there', async () => {
    const server = new Server({ view: { root, engine: undefined, cache: undefined, extension: undefined } as never })
    server.bindHandler('/', ({ view }) => view.display())
    expect((await server.inject({ url: '/' })).text()).to.equal('index')
    expect((await new Server({ view: undefined } as never).inject({ url: '/' })).status).to.equal(404)
    expect(new Server({ view: { root: dirname(root), engine } }).state).to.equal('created')
  })

  bothWays(
    'without them a file is a ViewError that says what to do, and a text is rendered',
    (server) => {
      const seen: unknown[] = []
      const keep = (act: () => unknown) => async () => {
        await Promise.resolve()
          .then(act)
          .catch((error: unknown) => seen.push(error))
      }
      server.bindHandler('/parse', (request) => keep(() => request.view.parse('index'))())
      server.bindHandler('/text', async ({ view }) => {
        view.assign('name', '<Ann>')
        return view.parseContent('Hello <%= it.name %>')
      })
      server.bindHandler('/write', ({ response }) => keep(() => response.writeTpl('index'))())
      server.bindHandler('/thrown', (request: Request) => callUntyped(request.view, 'display'))
      return seen
    },
    async (send, seen) => {
      expect((await send('/text')).text).to.equal('Hello &lt;Ann&gt;')
      expect([(await send('/parse')).status, (await send('/write')).status]).to.deep.equal([200, 200])
      expect(seen).to.have.length(2)
      for (const error of seen) {
        expect(error).to.be.instanceOf(ViewError)
        expect((error as Error).message).to.contain('option "view"')
      }
      const answer = await send('/thrown')
      expect([answer.status, answer.text]).to.deep.equal([500, 'Internal Server Error'])
    },
  )
})
