// Middleware: functions around the service. Each decides whether to go on, and sees what came of it.
//
//   curl -i http://127.0.0.1:8199/public
//   curl -i http://127.0.0.1:8199/api/me                                # 401, answered by the middleware
//   curl -i -H 'Authorization: Bearer ann' http://127.0.0.1:8199/api/me
//   curl -i -H 'Authorization: Bearer ann' http://127.0.0.1:8199/api/fail
import { Server } from 'tribind'

export function build(): Server {
  const server = new Server()

  // Registered first, so it is the outermost one: it measures everything further in.
  server.use(async (request, next) => {
    const start = performance.now()
    await next()
    request.response.setHeader('Server-Timing', `total;dur=${(performance.now() - start).toFixed(1)}`)
  })

  server.bindHandler('/public', () => 'anybody may read this')

  // The middleware of a group runs for the routes of the group alone.
  server.group('/api', (api) => {
    api.use(async (request, next) => {
      const user = /^Bearer (\w+)$/.exec(request.header('authorization') ?? '')?.[1]
      if (user === undefined) {
        // Without next(), nothing further in is run: this is the answer.
        request.response.setHeader('WWW-Authenticate', 'Bearer')
        request.response.writeStatus(401)
        return
      }
      // Not setParam: where nothing was set, request.get('user') would believe the query.
      request.context.set('user', user)
      await next()
    })

    // What is thrown further in comes out of next().
    api.use(async (request, next) => {
      try {
        await next()
      } catch {
        request.response.writeStatus(503, 'try again later')
      }
    })

    api.get('/me', (request) => ({ user: request.context.get('user') }))
    api.get('/fail', () => {
      throw new Error('the database is gone')
    })

    api.group('/admin', (admin) => {
      admin.use(async (request, next) => {
        if (request.context.get('user') === 'root') await next()
        else request.response.writeStatus(403)
      })
      admin.get('/users', () => ['ann', 'root'])
    })
  })
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/public`))
  server.registerSignalHook()
  await server.run()
}
