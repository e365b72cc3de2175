// The road of each scenario, from a real connection.

import { Agent, request } from 'node:http'
import { Writable } from 'node:stream'
import { loadInstrumented } from './load-instrumented.mjs'
import { record } from './record.mjs'
import { scenarios } from './scenarios.mjs'

/** The first requests load packages, open the connection and make plans. */
const WARM_UP = 5

/** Returns for each scenario the entries of one request in lib. */
export async function countRoads(lib) {
  const tribind = await loadInstrumented(lib)
  const server = await startServer(tribind)
  const { port } = server
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const roads = {}
  for (const [name, scenario] of Object.entries(scenarios)) {
    for (let i = 0; i < WARM_UP; i++) await ask(port, agent, scenario)
    roads[name] = await record(() => ask(port, agent, scenario, true))
  }
  agent.destroy()
  await server.stop()
  return roads
}

/** Each scenario has a domain of its own, so that the hooks of one aren't on the road of another. */
async function startServer(tribind) {
  const { stderr } = process
  // The logger is the default one: the one on the road of most applications, in the format that isn't for terminals.
  delete process.env.LOG_LEVEL
  Object.defineProperty(process, 'stderr', { value: new Writable({ write: (_chunk, _encoding, done) => done() }) })
  const server = new tribind.Server({ address: '127.0.0.1:0' })
  Object.defineProperty(process, 'stderr', { value: stderr })
  for (const { bind } of Object.values(scenarios)) bind(server, tribind)
  await server.start()
  return server
}

/** Sends the scenario's request. Throws for another answer, or if it needed a connection of its own though it mustn't. */
async function ask(port, agent, { method = 'GET', path, type, body, status, answer }, isWarm = false) {
  const headers = type === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }
  const sent = request({ host: '127.0.0.1', port, agent, method, path, headers })
  const response = await new Promise((resolve, reject) => sent.on('response', resolve).on('error', reject).end(body))
  const got = Buffer.concat(await response.toArray()).toString()
  if (response.statusCode !== status || got !== answer) {
    throw new Error(`${method} ${path} must be answered ${status} ${answer}, got ${response.statusCode} ${got}`)
  }
  if (isWarm && !sent.reusedSocket) throw new Error(`${method} ${path} must use the connection that is open`)
}
