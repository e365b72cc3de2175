import { checkFunction } from '../base/check-function.ts'
import type { ServerOptions } from '../server/options.ts'
import { Server } from '../server/server.ts'
import type { Logger } from '../log/logger.ts'
import { TestServer } from './test-server.ts'

/** Binds an application's routes on a server that is about to start. */
export type RegisterApplication = (server: Server) => unknown

/**
 * Starts an application for a test, on a free port of 127.0.0.1, and resolves when it serves.
 *
 * @param application a function, which may be async, that binds its routes on the server it is given; or a server of its
 * own that wasn't started, whose address and port alone are changed
 * @param options of the server made for a function; its logger writes warnings and errors to `console` by default
 * @throws what the function, the start or a startup hook threw; nothing is open then
 */
export function createTestServer(application: RegisterApplication, options?: ServerOptions): Promise<TestServer>
export function createTestServer(application: Server): Promise<TestServer>
export async function createTestServer(
  application: RegisterApplication | Server,
  options?: ServerOptions,
): Promise<TestServer> {
  if (application instanceof Server) {
    application.setAddress('127.0.0.1:0')
    await application.start()
    return new TestServer(application)
  }
  checkFunction('createTestServer', application)
  const server = new Server({ address: '127.0.0.1', port: 0, logger: quietLogger, ...options })
  try {
    await application(server)
    await server.start()
  } catch (error) {
    await server.stop()
    throw error
  }
  return new TestServer(server)
}

/** Warnings and errors alone, through `console`: test runners show what goes there beside the test it came from. */
const quietLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => console.warn(...[message, fields ?? []].flat()),
  error: (message, fields) => console.error(...[message, fields ?? []].flat()),
}
