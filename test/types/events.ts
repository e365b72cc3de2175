import { expectTypeOf } from 'expect-type'
import { type Event, Server } from 'tribind'

// The events that hooks are bound to. Checked by tsc, never run.

const server = new Server()
const hook = () => {}

expectTypeOf<Event>().toEqualTypeOf<
  | 'BeforeServe'
  | 'AfterServe'
  | 'BeforePatch'
  | 'AfterPatch'
  | 'BeforeOutput'
  | 'AfterOutput'
  | 'BeforeClose'
  | 'AfterClose'
>()

server.bindHookHandler('/*', 'BeforeServe', hook)
// @ts-expect-error no such event
server.bindHookHandler('/*', 'OnServe', hook)
// @ts-expect-error the case matters
server.bindHookHandler('/*', 'beforeServe', hook)
// @ts-expect-error a hook is a function
server.bindHookHandler('/*', 'BeforeServe', 'text')

server.bindHookHandlerByMap('/*', {
  BeforeServe: hook,
  AfterServe: hook,
  BeforePatch: hook,
  AfterPatch: hook,
  BeforeOutput: hook,
  AfterOutput: hook,
  BeforeClose: hook,
  AfterClose: async () => {},
})
// @ts-expect-error no such event
server.bindHookHandlerByMap('/*', { BeforeServe: hook, OnServe: hook })
// @ts-expect-error a hook is a function
server.bindHookHandlerByMap('/*', { BeforeServe: 'text' })

server.bindStatusHandlerByMap({ 404: hook, 500: async () => 'text' })
// @ts-expect-error a status is a number
server.bindStatusHandler('404', hook)
// @ts-expect-error a status is a number
server.bindStatusHandlerByMap({ notFound: hook })

const group = server.group('/g')
group.bindHookHandler('/*', 'AfterClose', hook)
// @ts-expect-error no such event
group.bindHookHandler('/*', 'Close', hook)
