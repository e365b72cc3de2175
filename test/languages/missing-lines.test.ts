import { expect } from 'chai'
import { Server } from 'tribind'
import { callUntyped, collectingLogger, type Entry } from '../feature/both-ways.ts'
import { languages } from './hello.ts'
import { load } from './language-folder.ts'

describe('a missing line', () => {
  it('is warned of once, in the log of the server', async () => {
    const log: Entry[] = []
    const server = new Server({
      languages: await load({ 'en-US.json': {}, 'de.json': {} }),
      logger: collectingLogger(log),
    })
    server.get('/:key', ({ language, params }) => language.t(params.key))
    for (const url of ['/a.b', '/a.b', '/c'])
      expect((await server.inject({ url, headers: { 'accept-language': 'de' } })).text()).to.equal(url.slice(1))
    expect((await server.inject('/a.b')).text()).to.equal('a.b')
    expect(log).to.deep.equal([
      {
        level: 'warn',
        message: 'There is no line "a.b" in language "de", nor in those it falls back to: the key stands for it',
        fields: { key: 'a.b', language: 'de' },
      },
      {
        level: 'warn',
        message: 'There is no line "c" in language "de", nor in those it falls back to: the key stands for it',
        fields: { key: 'c', language: 'de' },
      },
    ])
  })

  it('is warned of up to a limit, since keys may come from users', async () => {
    const log: Entry[] = []
    const many = await load({ 'en-US.json': {} })
    void new Server({ languages: many, logger: collectingLogger(log) })
    for (let i = 0; i < 3000; i++) many.get('en-US').t(`key ${i}`)
    expect(log).to.have.length(1000)
    expect(log.at(-1)?.message).to.include('further missing lines are not logged')
  })

  it('fails the request where the languages are strict', async () => {
    const log: Entry[] = []
    const strict = await load({ 'en-US.json': {} }, { strict: true })
    const server = new Server({ languages: strict, logger: collectingLogger(log) })
    server.get('/', ({ language }) => language.t('a'))
    expect((await server.inject('/')).status).to.equal(500)
    expect(log.map(({ fields }) => (fields as { error?: { code?: unknown } }).error?.code)).to.deep.equal([
      'ERR_TRIBIND_LANGUAGE',
    ])
  })
})

describe('languages from JavaScript', () => {
  it('keep their names and do not show what is theirs alone', () => {
    expect(Object.keys(languages)).to.deep.equal([])
    expect(() => Object.assign(languages, { default: 'de' })).to.throw(TypeError)
    expect(Object.keys(languages.get('de'))).to.deep.equal(['name'])
    expect(callUntyped(languages, 'detect')).to.have.property('name', 'en-US')
    expect(callUntyped(languages.get('de'), 't', 'hello')).to.equal('Hallo {name}')
  })
})
