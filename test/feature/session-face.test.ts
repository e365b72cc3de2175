import { expect } from 'chai'
import { type Session } from 'tribind'
import { bothWays } from './both-ways.ts'
import { createClient } from './session-client.ts'
import { registerValues, secret } from './session-routes.ts'

const members = ['clear', 'data', 'destroy', 'get', 'has', 'id', 'regenerate', 'remove', 'set']

/** The names of all properties, inherited ones too, but those of every object. */
function namesOf(object: object): string[] {
  const names = new Set<string>()
  for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Reflect.ownKeys(at)) names.add(String(name))
  }
  names.delete('constructor')
  return [...names].sort()
}

describe('session: what applications can reach', () => {
  bothWays(
    'the members of the contract and nothing else',
    (server) => {
      server.bindHandler('/members', ({ session }) => [namesOf(session), Reflect.ownKeys(session)])
    },
    async (send) => {
      expect((await send('/members')).json()).to.deep.equal([members, []])
    },
    { session: { secret } },
  )

  const junk = [undefined, null, 'x', -1, Symbol('x'), {}, () => 'x']
  bothWays(
    'junk assigned to it, or called with, harms no other request and no saving',
    (server) => {
      registerValues(server)
      server.bindHandler('/junk/:name', ({ session, params: { name } }) => {
        const assigned = session as unknown as Record<string, unknown>
        session.set('a', 'kept')
        for (const value of junk) {
          try {
            assigned[name] = value
            delete assigned[name]
            assigned[name] = value
          } catch {}
        }
      })
      server.bindHandler('/call', ({ session }) => {
        session.set('a', 'kept')
        for (const value of [undefined, null, -1, Symbol('x'), {}] as string[]) {
          for (const call of ['get', 'set', 'has', 'remove'] as (keyof Session)[]) {
            try {
              ;(session[call] as (key: string, value: unknown) => unknown)(value, 1)
            } catch {}
          }
        }
      })
    },
    async (send) => {
      for (const name of [...members, 'load', 'commit', 'reopen', 'face', 'core']) {
        const { ask } = createClient(send)
        expect((await ask(`/junk/${name}`)).status, name).to.equal(200)
        expect((await ask('/data')).json(), name).to.deep.equal({ a: 'kept' })
      }
      const { ask } = createClient(send)
      expect((await ask('/call')).status).to.equal(200)
      expect((await ask('/data')).json()).to.deep.equal({ a: 'kept' })
    },
    { session: { secret } },
  )
})
