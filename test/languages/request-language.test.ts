import { expect } from 'chai'
import { Controller, Server } from 'tribind'
import { bothWays, collectingLogger, thrownBy } from '../feature/both-ways.ts'
import { accept, bindHello, languages } from './hello.ts'

describe('request.language', () => {
  bothWays(
    'is chosen by Accept-Language, which the answer tells',
    bindHello,
    async (send) => {
      const german = await send(accept('/', 'de-AT,de;q=0.9,en;q=0.8'))
      expect(german.text).to.equal('Hallo x')
      expect(german.headerAll('content-language')).to.deep.equal(['de'])
      expect(german.headerAll('vary')).to.deep.equal(['Accept-Language'])
      const brazilian = await send(accept('/', 'pt'))
      expect([brazilian.text, brazilian.header('content-language')]).to.deep.equal(['Olá x', 'pt-BR'])
    },
    { languages },
  )

  bothWays(
    'is the default one without the header, whose absence the answer tells too',
    bindHello,
    async (send) => {
      const answer = await send('/')
      expect(answer.text).to.equal('Hello x')
      expect([answer.header('content-language'), answer.header('vary')]).to.deep.equal(['en-US', 'Accept-Language'])
    },
    { languages },
  )

  bothWays(
    'leaves an answer alone that it is not asked for',
    bindHello,
    async (send) => {
      const answer = await send(accept('/plain', 'de'))
      expect([answer.header('content-language'), answer.header('vary')]).to.deep.equal([undefined, undefined])
    },
    {
      languages: { get: () => expect.fail('asked'), detect: () => expect.fail('asked') },
      detectLanguage: () => expect.fail('asked'),
    },
  )

  let calls: string[] = []
  bothWays(
    'is chosen once',
    (server) => {
      calls = []
      server.get('/', (request) => [request.language === request.language, request.language.name])
      for (const event of ['BeforeServe', 'AfterServe'] as const)
        server.bindHookHandler('/*', event, ({ language }) => void language)
    },
    async (send) => {
      expect((await send(accept('/', 'fr'))).json()).to.deep.equal([true, 'fr'])
      expect(calls).to.deep.equal(['fr'])
    },
    {
      languages: {
        get: (name: string) => languages.get(name),
        detect(header: string | undefined) {
          calls.push(String(header))
          return languages.detect(header)
        },
      },
    },
  )

  bothWays(
    'joins its Vary to that of others, and is there once',
    (server) => {
      server.get('/before', ({ response, language }) => {
        response.setHeader('Vary', 'Cookie')
        return language.name
      })
      server.get('/after', (request) => {
        const { name } = request.language
        request.response.setHeader('vary', 'Cookie')
        return name
      })
      server.get('/twice', (request) => {
        request.response.setHeader('Vary', 'accept-language, Cookie')
        return request.language.name
      })
      server.get('/all', (request) => {
        request.response.setHeader('Vary', '*')
        return request.language.name
      })
    },
    async (send) => {
      const varyOf = async (path: string) => (await send(path)).header('vary')
      expect(await varyOf('/before')).to.equal('Cookie, Accept-Language')
      expect(await varyOf('/after')).to.equal('Cookie, Accept-Language')
      expect(await varyOf('/twice')).to.equal('accept-language, Cookie')
      expect(await varyOf('/all')).to.equal('*')
    },
    { languages },
  )

  bothWays(
    'keeps a Content-Language that the application sets',
    (server) => {
      server.get('/before', ({ response, language }) => response.header('content-language') ?? language.name)
      server.use((request, next) => {
        request.response.setHeader('Content-Language', 'de, fr')
        return next()
      })
      server.get('/after', (request) => {
        const { name } = request.language
        request.response.setHeader('Content-Language', 'mul')
        return name
      })
    },
    async (send) => {
      expect((await send('/before')).header('content-language')).to.equal('de, fr')
      expect((await send('/after')).header('content-language')).to.equal('mul')
    },
    { languages },
  )

  bothWays(
    'goes with errors, redirects and answers without a body',
    (server) => {
      server.get('/fails', ({ language }) => {
        throw new Error(language.name)
      })
      server.get('/moved', ({ language, response }) => response.redirectTo(`/${language.name}`))
      server.get('/none', ({ language, response }) => {
        response.status = language.name === 'de' ? 204 : 200
      })
      server.bindStatusHandler(404, ({ language }) => language.t('hello', { name: '404' }))
    },
    async (send) => {
      for (const [path, status] of [
        ['/fails', 500],
        ['/moved', 302],
        ['/none', 204],
        ['/missing', 404],
      ] as const) {
        const answer = await send(accept(path, 'de'))
        expect(answer.status, path).to.equal(status)
        expect([answer.header('content-language'), answer.header('vary')], path).to.deep.equal([
          'de',
          'Accept-Language',
        ])
      }
    },
    { languages },
  )

  it('is a StateError without the option languages', async () => {
    const server = new Server({ logger: collectingLogger() })
    const errors: unknown[] = []
    const collect = (act: () => unknown) => errors.push(thrownBy(act))
    server.get('/', (request) => {
      collect(() => request.language)
      collect(() => request.setLanguage('de'))
      return 'ok'
    })
    server.bindController(
      '/c',
      class C extends Controller {
        index() {
          collect(() => this.t('hello'))
        }
      },
    )
    expect((await server.inject('/')).text()).to.equal('ok')
    expect((await server.inject('/c')).status).to.equal(200)
    expect(errors).to.have.length(3)
    for (const error of errors)
      expect(error).to.include({ code: 'ERR_TRIBIND_STATE', failure: 'ERR_TRIBIND_LANGUAGES_DISABLED' })
    expect((errors[0] as Error).message).to.match(/^request\.language needs the option "languages": new Server\(/)
    expect((errors[1] as Error).message).to.match(/^request\.setLanguage\(\) needs/)
  })
})

describe('request.setLanguage', () => {
  bothWays(
    'sets the language, without Vary',
    bindHello,
    async (send) => {
      for (const [name, text, tag] of [
        ['fr', 'Bonjour y', 'fr'],
        ['PT-br', 'Olá y', 'pt-BR'],
      ]) {
        const answer = await send(accept(`/set/${name}`, 'de'))
        expect(answer.text).to.equal(text)
        expect([answer.header('content-language'), answer.header('vary')]).to.deep.equal([tag, undefined])
      }
    },
    { languages },
  )

  bothWays(
    'takes the default for a name that is not known, also where the header has another',
    bindHello,
    async (send) => {
      for (const name of ['it', 'no%20name', 'de-AT', '__proto__']) {
        const answer = await send(accept(`/set/${name}`, 'de'))
        expect(answer.text, name).to.equal('Hello y')
        expect([answer.header('content-language'), answer.header('vary')]).to.deep.equal(['en-US', undefined])
      }
    },
    { languages },
  )

  bothWays(
    'replaces a language that was chosen before, which the answer may still depend on',
    (server) =>
      server.get('/', (request) => {
        const before = request.language.t('hello', { name: 'x' })
        request.setLanguage('fr')
        return [before, request.language.t('hello', { name: 'x' })]
      }),
    async (send) => {
      const answer = await send(accept('/', 'de'))
      expect(answer.json()).to.deep.equal(['Hallo x', 'Bonjour x'])
      expect([answer.header('content-language'), answer.header('vary')]).to.deep.equal(['fr', 'Accept-Language'])
    },
    { languages },
  )
})
