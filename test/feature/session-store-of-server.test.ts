import { expect } from 'chai'
import { ConfigError, MemorySessionStore, Server, type SessionStore } from 'tribind'
import { sendByInject } from './both-ways.ts'
import { createClient } from './session-client.ts'
import { registerValues, secret } from './session-routes.ts'

/** A store that tells when it was prepared. */
class PreparedStore extends MemorySessionStore {
  prepared = 0

  async prepare(): Promise<void> {
    await Promise.resolve()
    this.prepared++
  }
}

describe('session: a store that a function of the server creates', () => {
  it('is created once, for the complete server, and prepared before anything listens', async () => {
    const created: unknown[] = []
    const store = new PreparedStore()
    const server = new Server({
      port: 0,
      session: {
        secret,
        store: (of) => {
          created.push(of, of.service('books'))
          return store
        },
      },
    })
    server.registerService('books', 'all of them')
    registerValues(server)
    let prepared = -1
    server.registerStartupHook(() => (prepared = store.prepared))
    expect(created).to.deep.equal([])
    await server.start()
    expect(prepared).to.equal(1)
    const { ask } = createClient(sendByInject(server))
    await ask('/set/a/1')
    expect((await ask('/get/a')).json()).to.deep.equal({ value: '1' })
    expect([created, store.count, store.prepared]).to.deep.equal([[server, 'all of them'], 1, 1])
    await server.stop()
  })

  it('is created by the first request of a server that was not started', async () => {
    let created = 0
    const store = (): SessionStore => {
      created++
      return new MemorySessionStore()
    }
    const server = new Server({ session: { secret, store } })
    registerValues(server)
    const { ask } = createClient(sendByInject(server))
    await ask('/set/a/1')
    expect((await ask('/get/a')).json()).to.deep.equal({ value: '1' })
    expect(created).to.equal(1)
  })

  it('fails the start where it fails, and nothing listens', async () => {
    const failing = new PreparedStore()
    failing.prepare = async () => Promise.reject(new Error('no table'))
    const cases: [() => SessionStore, string][] = [
      [() => failing, 'no table'],
      [
        () => {
          throw new Error('no folder')
        },
        'no folder',
      ],
    ]
    for (const [store, message] of cases) {
      const server = new Server({ port: 0, session: { secret, store } })
      const error = await server.start().then(
        () => expect.fail('it started'),
        (thrown: unknown) => thrown,
      )
      expect(error).to.have.property('message', message)
      expect([server.state, server.addresses]).to.deep.equal(['stopped', []])
    }
  })

  it('must be a store', async () => {
    const server = new Server({ port: 0, session: { secret, store: () => ({ get() {} }) as unknown as SessionStore } })
    const error = await server.start().catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(ConfigError)
    expect(String(error)).to.contain(
      'option "session.store" must return an object with the functions get, set and destroy, got',
    )
  })

  it('is left alone where it is passed as an object: its prepare is its own', async () => {
    const store = new PreparedStore()
    const server = new Server({ port: 0, session: { secret, store } })
    await server.start()
    expect(store.prepared).to.equal(0)
    await server.stop()
  })
})
