import { expect } from 'chai'
import { ConfigError, type Language, type Request, Server, type ServerLanguages } from 'tribind'
import { bothWays, collectingLogger, type Options, thrownBy } from '../feature/both-ways.ts'
import { accept, bindHello, languages } from './hello.ts'

describe('the option detectLanguage', () => {
  const detect: Options = {
    languages,
    detectLanguage: (request: Request) => request.getQuery('lang') ?? request.cookie.get('lang'),
  }

  bothWays(
    'comes before the header, and its choice depends on that no more',
    bindHello,
    async (send) => {
      const fromQuery = await send(accept('/?lang=fr', 'de'))
      expect(fromQuery.text).to.equal('Bonjour x')
      expect([fromQuery.header('content-language'), fromQuery.header('vary')]).to.deep.equal(['fr', undefined])
      const fromCookie = await send({ url: '/', headers: { cookie: 'lang=pt-br', 'accept-language': 'de' } })
      expect([fromCookie.text, fromCookie.header('vary')]).to.deep.equal(['Olá x', undefined])
    },
    detect,
  )

  bothWays(
    'leaves the choice to the header by returning nothing',
    bindHello,
    async (send) => {
      const answer = await send(accept('/', 'de'))
      expect([answer.text, answer.header('vary')]).to.deep.equal(['Hallo x', 'Accept-Language'])
      const empty = await send(accept('/?lang=', 'de'))
      expect([empty.text, empty.header('vary')]).to.deep.equal(['Hallo x', 'Accept-Language'])
    },
    detect,
  )

  bothWays(
    'leads to the default by a name that is not known',
    bindHello,
    async (send) => {
      const answer = await send(accept('/?lang=it', 'de'))
      expect(answer.text).to.equal('Hello x')
      expect([answer.header('content-language'), answer.header('vary')]).to.deep.equal(['en-US', undefined])
    },
    detect,
  )

  bothWays(
    'is not called where setLanguage came first',
    bindHello,
    async (send) => {
      expect((await send('/set/de')).text).to.equal('Hallo y')
    },
    { languages, detectLanguage: () => expect.fail('called') },
  )

  for (const [what, value] of [
    ['a number', 7],
    ['a promise', Promise.resolve('de')],
    ['a language', languages.get('de')],
  ] as const)
    bothWays(
      `must not return ${what}`,
      bindHello,
      async (send, _world, { log }) => {
        expect((await send('/')).status).to.equal(500)
        const [error] = log.flatMap(({ fields }) => (fields as { error?: Error }).error ?? []) as [Error]
        expect(error).to.be.instanceOf(ConfigError).and.include({ failure: 'ERR_TRIBIND_LANGUAGE_DETECTED' })
        expect(error.message).to.match(/^option "detectLanguage" must return the name of a language, or nothing, got /)
      },
      { languages, detectLanguage: () => value as never },
    )

  bothWays(
    'fails the request by what it throws',
    bindHello,
    async (send, _world, { log }) => {
      expect((await send('/')).status).to.equal(500)
      expect(log.map(({ fields }) => String((fields as { error?: unknown }).error))).to.include('Error: no user')
    },
    {
      languages,
      detectLanguage() {
        throw new Error('no user')
      },
    },
  )
})

describe('the options languages and detectLanguage', () => {
  it('are checked', () => {
    const cases: [unknown, string, RegExp][] = [
      [
        { languages: Promise.resolve(languages) },
        'ERR_TRIBIND_OPTION_VALUE',
        /^option "languages" must be what `await loadLanguages\(\)` of tribind\/languages returns, got Promise/,
      ],
      [{ languages: 'languages' }, 'ERR_TRIBIND_OPTION_VALUE', /^option "languages" must be what/],
      [{ languages: null }, 'ERR_TRIBIND_OPTION_VALUE', /^option "languages" must be what/],
      [
        { languages, detectLanguage: 'de' },
        'ERR_TRIBIND_OPTION_VALUE',
        /^option "detectLanguage" must be a function of a request, got "de"/,
      ],
      [{ detectLanguage: () => 'de' }, 'ERR_TRIBIND_OPTION_CONFLICT', /^option "detectLanguage" needs "languages"/],
    ]
    for (const [options, failure, message] of cases) {
      const error = thrownBy(() => new Server(options as Options))
      expect(error).to.be.instanceOf(ConfigError).and.include({ failure })
      expect(error.message).to.match(message)
    }
  })

  it('take any object that has the languages', async () => {
    const language: Language = { name: 'tlh', t: (key) => `${key}!`, has: () => true, number: String, date: String }
    const klingon: ServerLanguages = { get: () => language, detect: () => language }
    const server = new Server({ languages: klingon, logger: collectingLogger() })
    bindHello(server)
    const answer = await server.inject('/')
    expect([answer.text(), answer.headers['content-language']]).to.deep.equal(['hello!', 'tlh'])
  })
})
