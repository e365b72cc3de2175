import type { EntryPoint, Server } from '../../index.ts'
import {
  type ExplainedBinding,
  type ExplainedRequest,
  findRawSegments,
  folderOf,
  insideOf,
  parsePath,
  parseRoute,
} from '../../kit.ts'
import type { AskedFor } from './read-request.ts'
import { showEntryPoint } from './served-place.ts'

/** What becomes of a request at a server. */
export interface Matched extends ExplainedRequest {
  readonly server: string
  readonly entryPoint: string
  /** Whether anything serves it. */
  readonly isServed: boolean
  /** What is known of the answer before anything runs. */
  readonly answer?: { readonly status: number; readonly allow?: readonly string[]; readonly location?: string }
  /** `connections` where a service has the connections of the entry point, and no request comes to its routes. */
  readonly instead?: 'connections' | 'handler'
  /** What becomes of it at the server that is mounted there. */
  readonly mounted?: Matched
}

/**
 * Returns what becomes of a request at a server; `undefined` where it has no such entry point.
 *
 * @param isMeant whether a request may come in at an entry point
 */
export async function explainAt(
  server: Server,
  asked: AskedFor,
  isMeant: (entryPoint: EntryPoint) => boolean = () => true,
): Promise<Matched | undefined> {
  const entryPoint = placeFor(asked, server, server.entryPoints().filter(isMeant))
  return entryPoint && explain(server, entryPoint.name, asked)
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
