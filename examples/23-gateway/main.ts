// A gateway whose routes are in a file that is followed, with an administration. Two services stand behind it.
//
//   curl http://127.0.0.1:8199/                  # red: /   (or blue)
//   curl http://127.0.0.1:8199/orders/7          # blue: /orders/7
//   open http://127.0.0.1:8198/                  # the administration; its token is printed at the start
//
// Edit routes.yaml, and ask again.
import { randomBytes } from 'node:crypto'
import { type Logger, Server } from 'tribind'
import { fileProvider } from 'tribind/providers'

/** How a gateway is built. */
export interface GatewayOptions {
  readonly routes: string | URL
  readonly address: string
  readonly admin: string
  readonly token: string
  readonly logger?: Logger
}

export function buildGateway({ routes, address, admin, token, logger }: GatewayOptions): Server {
  return new Server({
    address,
    configuration: { providers: [fileProvider(routes)], throttle: '500ms' },
    admin: { address: admin, token },
    ...(logger && { logger }),
  })
}

/** Builds one of the services behind the gateway. */
export function buildService(name: string, address: string, logger?: Logger): Server {
  const server = new Server({ name, address, ...(logger && { logger }) })
  server.bindHandler('/*', (request) => `${name}: ${request.path}`)
  return server
}

if (import.meta.filename === process.argv[1]) {
  const token = process.env['ADMIN_TOKEN'] ?? randomBytes(16).toString('hex')
  const services = [buildService('red', '127.0.0.1:8201'), buildService('blue', '127.0.0.1:8202')]
  const gateway = buildGateway({
    routes: new URL('routes.yaml', import.meta.url),
    address: '127.0.0.1:8199',
    admin: '127.0.0.1:8198',
    token,
  })
  for (const service of services) await service.start()
  console.log(`The administration is at http://127.0.0.1:8198/, its token is ${token}`)
  gateway.registerSignalHook()
  await gateway.run()
  for (const service of services) await service.stop()
}
