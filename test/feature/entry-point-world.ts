import { Server } from 'tribind'
import { collectingLogger, type Entry, type Options, sendToPort } from './both-ways.ts'

export const local = '127.0.0.1:0'

const created: Server[] = []

export function create(options: Options, log: Entry[] = []): Server {
  const server = new Server({ logger: collectingLogger(log), ...options })
  created.push(server)
  return server
}

export async function start(options: Options, register: (server: Server) => unknown = () => {}): Promise<Server> {
  const server = create(options)
  register(server)
  await server.start()
  return server
}

/** Stops what the tests have left running. */
export async function stopAll(): Promise<void> {
  await Promise.all(created.splice(0).map((server) => server.stop()))
}

/** The port of an address of an entry point. */
export function portAt(server: Server, name: string, i = 0): number {
  return Number(server.entryPoint(name).addresses[i]?.split(':').at(-1))
}

/** The text that an entry point answers with. */
export async function ask(server: Server, name: string, url = '/'): Promise<string> {
  return (await sendToPort(portAt(server, name))(url)).text
}

/** The messages of the events of an entry point. */
export function messages(server: Server, name: string): string[] {
  const { events } = server.entryPoint(name).status()
  return events.map(({ msg }) => msg)
}
