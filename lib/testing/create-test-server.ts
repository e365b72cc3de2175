import { checkFunction } from '../base/check-function.ts'
import type { ServerOptions } from '../server/options.ts'
import { Server } from '../server/server.ts'
import { limitDefaultLogger } from './quiet-logger.ts'
import { TestServer } from './test-server.ts'

/** Binds an application's routes on a server that is about to start. */
export type RegisterApplication = (server: Server) => unknown

/**
 * Starts an application for a test on a free port of 127.0.0.1; resolves when it accepts requests.
 *
 * Unless it has a logger of its own, it logs warnings and errors only, to `console`.
 *
 * @param application a function, which may be async, that binds its routes on the server it is called with; or a server
 * that hasn't started, of which only address and port are changed
 * @param options of the server that is created for a function
 * @throws what the function, the start or a startup hook threw; nothing stays open then
 */
export function createTestServer(application: RegisterApplication, options?: ServerOptions): Promise<TestServer>
export function createTestServer(application: Server): Promise<TestServer>
export async function createTestServer(
  application: RegisterApplication | Server,
  options?: ServerOptions,
): Promise<TestServer> {
  if (application instanceof Server) {
    limitDefaultLogger(application)
    application.setAddress('127.0.0.1:0')
    await application.start()
    return new TestServer(application)
  }
  checkFunction('createTestServer', application)
  const server = new Server({ address: '127.0.0.1', port: 0, ...options })
  limitDefaultLogger(server)
  try {
    await application(server)
    await server.start()
  } catch (error) {
    await server.stop()
    throw error
  }
  return new TestServer(server)
}
