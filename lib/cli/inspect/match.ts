import { type Command, UsageError } from '../command.ts'
import { runApart } from './apart.ts'
import { explainAt } from './explain-at.ts'
import { formatMatch } from './format-match.ts'
import { loadServers } from './load-servers.ts'
import type { Output } from './output.ts'
import { type ReadArgs, readArgs } from './read-args.ts'
import { type AskedFor, readRequest } from './read-request.ts'
import { chooseEntryPoints, chooseServers } from './served-place.ts'

const flags = {
  'entry-point': { type: 'string', value: 'NAME', summary: 'where it comes in; default: by its URL' },
  server: { type: 'string', value: 'NAME', summary: 'only this server' },
  json: { type: 'boolean', summary: 'as JSON' },
} as const

/** `tribind match`. */
export const match: Command = {
  usage: 'match MODULE REQUEST [--json]',
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
  const matched = (
    await Promise.all(servers.map((server) => explainAt(server, asked, (entryPoint) => places.has(entryPoint))))
  ).flatMap((one) => one ?? [])
  const { method, host, path, asksForWebSocket } = asked
  if (values['json']) output.writeJson({ method, host, path, asksForWebSocket, servers: matched })
  else output.write(formatMatch(asked, matched, output))
  return matched.some(({ isServed }) => isServed) ? 0 : 1
}
