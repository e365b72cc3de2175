import { expect } from 'chai'
import { bothWays, until } from '../feature/both-ways.ts'
import { accept, languages } from './hello.ts'

describe('a language that is asked for after the head has gone out', () => {
  bothWays(
    'is there, and a warning says that the head has not told it',
    (server) => {
      server.get('/late', async function* (request) {
        yield 'head, '
        await until(() => request.response.sent, 'the head is sent')
        yield request.language.t('hello', { name: 'x' })
      })
      server.get('/set', async function* (request) {
        yield `${request.language.name}, `
        await until(() => request.response.sent, 'the head is sent')
        request.setLanguage('fr')
        yield request.language.t('hello', { name: 'x' })
      })
      server.get('/early', async function* ({ language }) {
        yield language.t('hello', { name: 'x' })
        yield ', '
        yield language.t('hello', { name: 'y' })
      })
    },
    async (send, _world, { log }) => {
      const early = await send(accept('/early', 'de'))
      expect([early.text, early.header('content-language'), early.header('vary')]).to.deep.equal([
        'Hallo x, Hallo y',
        'de',
        'Accept-Language',
      ])
      expect(log.filter(({ level }) => level === 'warn')).to.deep.equal([])
      const late = await send(accept('/late', 'de'))
      expect([late.text, late.header('content-language'), late.header('vary')]).to.deep.equal([
        'head, Hallo x',
        undefined,
        undefined,
      ])
      const set = await send(accept('/set', 'de'))
      expect([set.text, set.header('content-language')]).to.deep.equal(['de, Bonjour x', 'de'])
      const warnings = log.filter(({ level }) => level === 'warn').map(({ message }) => message)
      expect(warnings).to.have.length(2)
      for (const message of warnings) expect(message).to.match(/^The language was asked for or set after the head/)
    },
    { languages },
  )

  bothWays(
    'is there without a warning once the response is over',
    (server) => {
      const names: string[] = []
      server.get('/', () => 'ok')
      server.get('/names', () => names)
      server.bindHookHandler('/', 'AfterOutput', ({ language }) => void names.push(language.name))
    },
    async (send, _world, { log }) => {
      await send(accept('/', 'de'))
      expect((await send('/names')).json()).to.deep.equal(['de'])
      expect(log.filter(({ level }) => level === 'warn')).to.deep.equal([])
    },
    { languages },
  )
})
