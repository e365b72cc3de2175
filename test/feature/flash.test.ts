import { expect } from 'chai'
import flashOfConnect from 'connect-flash'
import { flash, fromConnect, takeFlash } from 'tribind'
import { bothWays } from './both-ways.ts'
import { createClient } from './session-client.ts'

const session = { secret: 'a secret of more than 32 characters!' }

describe('flash', () => {
  bothWays(
    'keeps messages by name and in order, until they are taken',
    (server) => {
      server.get('/say/:name/:text', ({ session, params }) => flash(session, params.name, { text: params.text }))
      server.get('/take/:name', ({ session, params }) => takeFlash<{ text: string }>(session, params.name))
      server.get('/all', ({ session }) => session.data())
    },
    async (send) => {
      const { text, cookies } = createClient(send)
      expect(await text('/take/info')).to.equal('[]')
      expect(cookies.size).to.equal(0)
      for (const said of ['info/a', '__proto__/b', 'info/c', 'constructor/d']) await text(`/say/${said}`)
      expect(await text('/take/info')).to.equal('[{"text":"a"},{"text":"c"}]')
      expect(await text('/take/info')).to.equal('[]')
      expect(await text('/take/__proto__')).to.equal('[{"text":"b"}]')
      expect(await text('/take/toString')).to.equal('[]')
      expect(await text('/take/constructor')).to.equal('[{"text":"d"}]')
      expect(await text('/all')).to.equal('{}')
    },
    { session },
  )

  bothWays(
    'shares its messages with connect-flash',
    (server) => {
      server.use(fromConnect(flashOfConnect()))
      server.get('/guest', ({ raw }) => {
        const guest = raw as unknown as { flash(name: string, text: string): void }
        guest.flash('info', 'of a guest')
      })
      server.get('/own', ({ session }) => flash(session, 'info', 'ours'))
      server.get('/take', ({ session }) => takeFlash(session, 'info'))
    },
    async (send) => {
      const { text } = createClient(send)
      await text('/guest')
      await text('/own')
      expect(await text('/take')).to.equal('["of a guest","ours"]')
    },
    { session },
  )
})
