// A live page, by server-sent events: a counter that goes on where it was when the connection ended.
//
//   open http://127.0.0.1:8199/ in a browser, or
//   curl -N http://127.0.0.1:8199/ticks
//   curl -N -H 'Last-Event-ID: 41' http://127.0.0.1:8199/ticks      # begins with 42
import { setTimeout as sleep } from 'node:timers/promises'
import { Server } from 'tribind'

/** So few, to show that nothing is lost when a stream ends: the browser comes back with the last id it has. */
const TICKS_PER_STREAM = 5

export function build(intervalMs = 1000): Server {
  const server = new Server()
  server.serveStatic('/', new URL('public', import.meta.url))

  server.get('/ticks', async ({ response }) => {
    const events = response.sse()
    const last = Number(/^\d{1,9}$/.exec(events.lastEventId)?.[0] ?? 0)
    for (let tick = last + 1; tick <= last + TICKS_PER_STREAM; tick++) {
      const isOpen = await events.send({ event: 'tick', id: tick, data: { tick, time: new Date() }, retry: intervalMs })
      if (!isOpen) return
      await sleep(intervalMs)
    }
    events.close()
  })
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/`))
  server.registerSignalHook()
  await server.run()
}
