import type { RouteInfo, Server } from '../../index.ts'
import { type Acting, findActing, httpMethods, insideOf, isMethod, type Listed, suggestName } from '../../kit.ts'
import { type Command, UsageError } from '../command.ts'
import { runApart } from './apart.ts'
import { loadServers } from './load-servers.ts'
import { type Output, printable } from './output.ts'
import { type ReadArgs, readArgs } from './read-args.ts'
import { chooseEntryPoints, chooseServers, showEntryPoint, type ShownEntryPoint } from './served-place.ts'
import { nameOf, patternOf, shorten } from './show-binding.ts'
import { type Column, formatTable, wrap } from './table.ts'

const flags = {
  method: { type: 'string', value: 'METHOD', summary: 'only what serves requests of this method' },
  path: { type: 'string', value: 'TEXT', summary: 'only routes that contain this text' },
  'entry-point': { type: 'string', value: 'NAME', summary: 'only what serves at this entry point' },
  server: { type: 'string', value: 'NAME', summary: 'only this server' },
  hooks: { type: 'boolean', summary: 'also hooks, status handlers and middleware, as rows of their own' },
  json: { type: 'boolean', summary: 'as JSON' },
} as const

/** `tribind routes`. */
export const routes: Command = {
  usage: 'routes MODULE [--json] [FILTER]...',
  summary: 'Lists what an application has bound, without starting it.',
  flags,
  examples: [
    ['tribind routes app.js', 'the routes, and what acts on each'],
    ['tribind routes app.js --path /user --json', 'some of them, for other programs'],
  ],
  run(args) {
    const read = readArgs('routes', args, flags)
    const [module, ...rest] = read.positionals
    if (module === undefined)
      throw new UsageError('routes: name the module of the application, as tribind routes app.js')
    if (rest.length > 0) throw new UsageError(`routes: takes one module, got "${rest[0]}" too`)
    const { method } = read.values
    if (typeof method === 'string' && !isMethod(method.toUpperCase()))
      throw new UsageError(`routes: there is no method "${method}"${suggestName(method.toUpperCase(), httpMethods)}`)
    return runApart((output) => list(module, read, output))
  },
}

/** A row of the list: what `server.routes()` has, and more. */
interface Row extends RouteInfo {
  readonly pattern: string
  readonly origin: string
  /** The name of the server that is mounted there. */
  readonly mounted?: string
  readonly hooks?: readonly ShownActing[]
  readonly middleware?: readonly ShownActing[]
}

/** What acts on requests of a route. */
interface ShownActing extends Pick<RouteInfo, 'name' | 'type' | 'hook'> {
  readonly pattern: string
  readonly origin: string
  /** Whether it acts on all of them; else their method, host, path or entry point decides. */
  readonly always: boolean
}

interface ListedServer {
  readonly name: string
  /** Where alone it serves, if it is mounted in another server. */
  readonly mountedAt?: { readonly server: string; readonly pattern: string }
  readonly entryPoints: readonly ShownEntryPoint[]
  readonly routes: readonly Row[]
}

async function list(module: string, { values }: ReadArgs, output: Output): Promise<number> {
  const all = [...withMounted(await loadServers(module))]
  const named = chooseServers(
    all.map(([server]) => server),
    values['server'] as string | undefined,
  )
  const places = new Set(chooseEntryPoints(named, values['entry-point'] as string | undefined))
  const listed = all.flatMap(([server, mountedAt]): ListedServer[] => {
    const entryPoints = server.entryPoints().filter((one) => places.has(one))
    if (entryPoints.length === 0) return []
    const shown = entryPoints.map((one) => showEntryPoint(server, one))
    const rows = filterRows(rowsOf(server), shown, values)
    return [{ name: server.name, ...(mountedAt && { mountedAt }), entryPoints: shown, routes: rows }]
  })
  if (values['json']) output.writeJson({ servers: listed })
  else output.write(listed.map((server) => formatServer(server, output)).join('\n'))
  return 0
}

/** Returns servers, and behind each those that are mounted in it, with the place of the first mount. */
function withMounted(
  servers: readonly Server[],
  found = new Map<Server, ListedServer['mountedAt']>(),
): Map<Server, ListedServer['mountedAt']> {
  for (const server of servers) {
    if (!found.has(server)) found.set(server, undefined)
    for (const { info, value } of listedOf(server)) {
      const subject = 'subject' in value ? value.subject : undefined
      if (!isServer(subject) || found.has(subject)) continue
      found.set(subject, { server: server.name, pattern: patternOf(info) })
      withMounted([subject], found)
    }
  }
  return found
}

function listedOf(server: Server): readonly Listed[] {
  return insideOf(server)?.layers.listing.listed() ?? []
}

function rowsOf(server: Server): Row[] {
  const all = listedOf(server)
  const inherits = (name: string) => server.entryPoint(name).options.inherits ?? true
  return all.map((listed) => {
    const { info, value } = listed
    const subject = 'subject' in value ? value.subject : undefined
    const acting = isEndpoint(info) ? findActing(listed, all, inherits) : undefined
    const shown = (isMiddleware: boolean) =>
      acting?.filter((one) => (one.info.type === 'middleware') === isMiddleware).map(showActing)
    return {
      ...info,
      ...place(listed),
      ...(isServer(subject) && { mounted: subject.name }),
      ...(acting !== undefined && { hooks: shown(false) ?? [], middleware: shown(true) ?? [] }),
    }
  })
}

function place({ info, value }: Listed): Pick<Row, 'pattern' | 'origin'> {
  return { pattern: patternOf(info), origin: value.origin.toString() }
}

function showActing(acting: Acting): ShownActing {
  const { name, type, hook } = acting.info
  return { name, type, ...(hook !== undefined && { hook }), ...place(acting), always: acting.isCertain }
}

function isEndpoint({ type }: Pick<RouteInfo, 'type'>): boolean {
  return type !== 'hook' && type !== 'middleware' && type !== 'status'
}

function isServer(value: unknown): value is Server {
  return insideOf(value as Server) !== undefined
}

function filterRows(rows: readonly Row[], places: readonly ShownEntryPoint[], values: ReadArgs['values']): Row[] {
  const method = values['method'] as string | undefined
  // GET routes serve HEAD where nothing else does.
  const methods = method && [method.toUpperCase(), 'ALL', ...(/^head$/i.test(method) ? ['GET'] : [])]
  const path = values['path'] as string | undefined
  const inherits = places.some((one) => one.inherits)
  return rows.filter(
    (row) =>
      (values['hooks'] || isEndpoint(row)) &&
      (methods === undefined || methods.includes(row.method)) &&
      (path === undefined || row.route.includes(path)) &&
      (row.entryPoint === undefined ? inherits : places.some(({ name }) => name === row.entryPoint)),
  )
}

const columns: readonly Column<Row>[] = [
  { title: 'METHOD', cell: ({ method }) => method },
  { title: 'ROUTE', cell: ({ route }) => route },
  { title: 'DOMAIN', cell: ({ domain }) => domain },
  { title: 'ENTRY', cell: ({ entryPoint = '' }) => entryPoint },
  { title: 'LAYER', cell: ({ layer = '' }) => layer },
  { title: 'KIND', cell: ({ type, hook }) => (hook === undefined ? type : `${type} ${hook}`) },
  {
    title: 'HANDLER',
    cell: (row) => (row.mounted === undefined ? nameOf(row) : `server "${row.mounted}"`),
    keepsEnd: true,
  },
  { title: 'BOUND AT', cell: ({ origin }) => shorten(origin), keepsEnd: true },
]

const through: Column<Row> = {
  title: 'THROUGH',
  cell: ({ hooks = [], middleware = [] }) => [...middleware, ...hooks].map(formatActing).join(', '),
}

function formatActing({ name, hook, always }: ShownActing): string {
  return `${hook === undefined ? '' : `${hook}:`}${name}${always ? '' : '?'}`
}

function formatServer({ name, mountedAt, entryPoints, routes: rows }: ListedServer, output: Output): string {
  const places =
    mountedAt === undefined
      ? `at ${entryPoints.map(formatEntryPoint).join(', ')}`
      : `mounted at ${mountedAt.pattern} of server "${mountedAt.server}"`
  const title = fold(`server "${name}" ${places}`, output)
  const isDoubtful = rows.some((row) => [...(row.hooks ?? []), ...(row.middleware ?? [])].some(({ always }) => !always))
  const legend = isDoubtful
    ? `
${fold('? acts on some of these requests: their method, host, path or entry point decides', output)}`
    : ''
  if (rows.length === 0) return `${title}\nnothing is bound there\n`
  return `${title}\n${formatTable(rows, columns, output, through)}${legend}`
}

function formatEntryPoint({ name, address, scheme, inherits, instead }: ShownEntryPoint): string {
  const details = [
    ...(scheme === 'https' ? ['https'] : []),
    ...(inherits ? [] : ['its own routes alone']),
    ...(instead === undefined
      ? []
      : [instead === 'handler' ? 'a handler in place of routes' : 'a service in place of routes']),
  ]
  return `${name} ${address}${details.length === 0 ? '' : ` (${details.join(', ')})`}`
}

/** A paragraph in as many lines as it needs. */
function fold(text: string, { columns: width }: Output): string {
  return wrap(printable(text), width)
    .map((line) => `${line}\n`)
    .join('')
}
