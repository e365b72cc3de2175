import type { EntryPoint, Server } from '../../index.ts'
import { type ExplainedBinding, findRawSegments, folderOf, insideOf, parsePath, parseRoute } from '../../kit.ts'
import { type Command, UsageError } from '../command.ts'
import { runApart } from './apart.ts'
import { formatMatch, type Matched } from './format-match.ts'
import { loadServers } from './load-servers.ts'
import type { Output } from './output.ts'
import { type ReadArgs, readArgs } from './read-args.ts'
import { type AskedFor, readRequest } from './read-request.ts'
import { chooseEntryPoints, chooseServers, showEntryPoint } from './served-place.ts'

const flags = {
  'entry-point': { type: 'string', value: 'NAME', summary: 'where it comes in; default: by its URL' },
  server: { type: 'string', value: 'NAME', summary: 'only this server' },
  json: { type: 'boolean', summary: 'as JSON' },
} as const

/** `tribind match`. */
export const match: Command = {
  usage: 'match MODULE REQUEST [--entry-point NAME] [--server NAME] [--json]',
  summary: 'Says what serves a request and why, without starting the application; ends with 1 where nothing does.',
  flags,
  examples: [
    ["tribind match app.js 'GET https://shop.example/user/7'", 'a request at a host'],
    ['tribind match app.js /user/7', 'a GET request at any host'],
    ['tribind match app.js wss://shop.example/chat', 'one to open a WebSocket'],
  ],
  run(args) {
    const read = readArgs('match', args, flags)
    const [module, ...request] = read.positionals
    if (module === undefined)
      throw new UsageError('match: name the module of the application, as tribind match app.js /user/7')
    const asked = readRequest(request)
    return runApart((output) => matchRequest(module, asked, read, output))
  },
}

async function matchRequest(module: string, asked: AskedFor, { values }: ReadArgs, output: Output): Promise<number> {
  const servers = chooseServers(await loadServers(module), values['server'] as string | undefined)
  const places = new Set(chooseEntryPoints(servers, values['entry-point'] as string | undefined))
  const matched: Matched[] = []
  for (const server of servers) {
    const entryPoint = placeFor(
      asked,
      server,
      server.entryPoints().filter((one) => places.has(one)),
    )
    if (entryPoint !== undefined) matched.push(await explain(server, entryPoint.name, asked))
  }
  const { method, host, path, asksForWebSocket } = asked
  if (values['json']) output.writeJson({ method, host, path, asksForWebSocket, servers: matched })
  else output.write(formatMatch(asked, matched, output))
  return matched.some(({ isServed }) => isServed) ? 0 : 1
}

/** Returns the entry point of the port, else the first of the scheme, else the first. */
function placeFor({ port, scheme }: AskedFor, server: Server, all: readonly EntryPoint[]): EntryPoint | undefined {
  const ofPort = all.find(({ options }) => port !== undefined && options.address?.endsWith(`:${port}`))
  return ofPort ?? all.find((one) => showEntryPoint(server, one).scheme === scheme) ?? all[0]
}

async function explain(server: Server, entryPoint: string, asked: AskedFor): Promise<Matched> {
  const { method, host, path, query, asksForWebSocket } = asked
  const segments = parsePath(path)
  const inside = insideOf(server)
  const known = inside?.entryPoints.insideOf(entryPoint)
  const place = known?.place ?? { entryPoint, inherits: true }
  const shown = server.entryPoints().find(({ name }) => name === entryPoint)
  const { instead } = shown === undefined ? {} : showEntryPoint(server, shown)
  const at = { server: server.name, entryPoint, ...(instead !== undefined && { instead }) }
  const nothing = { ...at, version: server.version, served: undefined, allowedMethods: [], ...noOthers }
  if (instead === 'connections') return { ...nothing, status: undefined, isServed: true }
  // As the dispatcher refuses them.
  if (segments === undefined || inside === undefined)
    return { ...nothing, status: 400, isServed: false, answer: { status: 400 } }
  const target = { method, host, rawPath: path, segments, asksForWebSocket }
  const { explained, endpoint } = inside.layers.explain(place, target)
  const { served, status, allowedMethods } = explained
  if (status !== undefined) {
    const answer = { status, ...(status === 405 && { allow: allowedMethods }) }
    return { ...at, ...explained, isServed: false, answer }
  }
  const folder = endpoint && folderOf(endpoint.endpoint)
  if (folder !== undefined) {
    const answer = await folder.foresee({ rawPath: path, segments, url: path + query })
    return { ...at, ...explained, isServed: answer.status !== 404, answer }
  }
  const other = endpoint?.subject as Server | undefined
  if (served === undefined || other === undefined || insideOf(other) === undefined)
    return { ...at, ...explained, isServed: true }
  const mounted = await explain(other, 'default', { ...asked, path: stripPrefix(path, served) })
  return { ...at, ...explained, isServed: mounted.isServed, mounted }
}

const noOthers = { others: [], hooks: [], middleware: [] }

/** Returns the path as the mounted server sees it. */
function stripPrefix(path: string, { route }: ExplainedBinding): string {
  const prefix = parseRoute(route).segments.length - 1
  return path.slice(findRawSegments(path)[prefix - 1]?.end ?? 0) || '/'
}
