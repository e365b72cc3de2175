import type { Listener } from '../entrypoint/listener.ts'
import type { RouteInfo } from '../http/application.ts'
import type { Logger } from '../log/logger.ts'

/** What is logged of the server and the entry point at each opening. */
interface Opened {
  readonly server: string
  readonly entryPoint: string
  readonly listeners: readonly Listener[]
}

/** Logs where an entry point listens. */
export function announce(logger: Logger, { server, entryPoint, listeners }: Opened): void {
  for (const { url, address } of listeners) logger.info(`Listening on ${url}`, { name: server, address, entryPoint })
}

/** Prints routes as a table, if stderr is a terminal. It is for people, so it doesn't go through the logger. */
export function printRoutes(routes: readonly RouteInfo[]): void {
  if (process.stderr.isTTY) console.error(formatRoutes(routes))
}

type Row = readonly string[]

/** Formats what is registered as a table, in the same order: hooks with their event, status handlers with their status. */
export function formatRoutes(routes: readonly RouteInfo[]): string {
  const titles: Row = ['METHOD', 'ROUTE', 'DOMAIN', 'HANDLER', 'TYPE']
  const rows: Row[] = routes.map(({ method, route, domain, name, type, hook }) => {
    return [method, route, domain, name, hook === undefined ? type : `${type} ${hook}`]
  })
  const columns = [
    ['ENTRY POINT', ...routes.map(({ entryPoint = '' }) => entryPoint)],
    ['LAYER', ...routes.map(({ layer = '' }) => layer)],
  ]
  // Most servers have one entry point and no layers.
  const shown = columns.filter(([, ...cells]) => cells.some((cell) => cell !== ''))
  return formatTable([titles, ...rows].map((row, i) => [...row, ...shown.map((column) => column[i] as string)]))
}

function formatTable([titles = [], ...rows]: readonly Row[]): string {
  const widths = titles.map((title, i) =>
    rows.reduce((width, row) => Math.max(width, (row[i] as string).length), title.length),
  )
  const format = (row: Row) => row.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')
  const rule = widths.map((width) => '-'.repeat(width)).join('-|-')
  return [format(titles), rule, ...rows.map(format)].map((line) => line.trimEnd()).join('\n')
}
