import { expect } from 'chai'
import { fromConnect, fromExpress, type Server } from 'tribind'
import express from 'express'
import { createTestServer } from 'tribind/testing'
import { bothWays, collectingLogger, type Entry } from '../feature/both-ways.ts'
import { protocolOptions } from '../feature/clients.ts'
import { accept, languages } from './hello.ts'

describe('the language of a WebSocket', () => {
  for (const protocol of ['socket', 'https'] as const)
    it(`is that of its handshake until another is set [${protocol}]`, async () => {
      const log: Entry[] = []
      const register = (server: Server) =>
        server.bindWebSocket('/chat', (socket, request) => {
          socket.send(request.language.t('hello', { name: 'x' }))
          socket.on('message', (name) => {
            request.setLanguage(String(name))
            socket.send(request.language.t('hello', { name: 'y' }))
          })
        })
      const options = { ...protocolOptions[protocol], logger: collectingLogger(log), languages }
      await using server = await createTestServer(register, options)
      await using socket = await server.client().webSocket('/chat', { headers: { 'accept-language': 'de' } })
      expect(await socket.next()).to.equal('Hallo x')
      socket.send('fr')
      expect(await socket.next()).to.equal('Bonjour y')
      expect(log.filter(({ level }) => level === 'warn')).to.deep.equal([])
    })
})

describe('the head of an answer in a language', () => {
  bothWays(
    'says so also where Connect or Express middleware answers, and sets a Vary of its own',
    (server) => {
      server.use((request, next) => {
        void request.language
        return next()
      })
      server.group('/connect', (group) => {
        group.use(
          fromConnect((_request, response) => {
            response.setHeader('Vary', 'Cookie')
            response.end('connect')
          }),
        )
        group.get('/', () => 'not reached')
      })
      const application = express()
      application.use((_request, response) => void response.vary('Cookie').send('express'))
      server.group('/express', (group) => {
        group.use(fromExpress(application))
        group.get('/', () => 'not reached')
      })
    },
    async (send) => {
      for (const name of ['connect', 'express']) {
        const answer = await send(accept(`/${name}`, 'de'))
        expect(answer.text).to.equal(name)
        expect(answer.header('content-language')).to.equal('de')
        expect(answer.header('vary')?.split(', ').toSorted(), name).to.deep.equal(['Accept-Language', 'Cookie'])
      }
    },
    { languages },
  )
})
