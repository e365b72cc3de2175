import { expect } from 'chai'
import { Controller } from 'tribind'
import { bothWays } from '../feature/both-ways.ts'
import { accept, languages } from './hello.ts'

describe('this.t() of controllers', () => {
  class Greeter extends Controller {
    hello() {
      return this.t('hello', { name: 'c' })
    }

    french() {
      this.request.setLanguage('fr')
      return this.t('hello')
    }

    fallback() {
      return [this.t('only'), this.t('no.such')]
    }
  }

  bothWays(
    'returns lines in the language of the request, and is no route',
    (server) => server.bindController('/c', Greeter),
    async (send) => {
      const answer = await send(accept('/c/hello', 'de'))
      expect([answer.text, answer.header('content-language'), answer.header('vary')]).to.deep.equal([
        'Hallo c',
        'de',
        'Accept-Language',
      ])
      expect((await send(accept('/c/french', 'de'))).text).to.equal('Bonjour {name}')
      expect((await send(accept('/c/fallback', 'de'))).json()).to.deep.equal(['only here', 'no.such'])
      expect((await send('/c/t')).status).to.equal(404)
    },
    { languages },
  )
})
