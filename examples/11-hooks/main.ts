// All eight events of a request, in their order.
//
//   curl http://127.0.0.1:8199/john/info/7        # the events so far, in the body
//   curl http://127.0.0.1:8199/trace              # all events of that request
import { Server } from 'tribind'

export function build(): Server {
  const server = new Server()
  // One list for the whole server, to be read at /trace: an example has one visitor at a time.
  let trace: string[] = []
  const note = (what: string) => (): void => {
    trace.push(what)
  }

  server.bindHookHandlerByMap('/:name/info/{uid}', {
    // Before anything else: check access, or load what the service will need.
    BeforeServe: () => {
      trace = ['BeforeServe']
    },
    // The service has answered.
    AfterServe: note('AfterServe'),
    // Status handlers have run; the last moment for headers and cookies.
    BeforePatch: note('BeforePatch'),
    AfterPatch: note('AfterPatch'),
    // The last moment for the body.
    BeforeOutput: (request) => {
      trace.push('BeforeOutput')
      request.response.write('\n', trace.join(' > '))
    },
    // The client has its response; no one waits for what happens here.
    AfterOutput: note('AfterOutput'),
    BeforeClose: note('BeforeClose'),
    AfterClose: note('AfterClose'),
  })

  // Hooks of one event run from the most specific pattern to the least, and each sees the parameters of its own.
  server.bindHookHandler('/:name/info/*rest', 'BeforeServe', (request) => {
    trace.push(`BeforeServe with rest=${request.params.rest}`)
  })

  server.bindHandler('/:name/info/{uid}', (request) => {
    trace.push('service')
    return `user ${request.params.name}, uid ${request.params.uid}`
  })
  server.bindHandler('/trace', () => trace)
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/john/info/7`))
  server.registerSignalHook()
  await server.run()
}
