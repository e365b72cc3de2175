import type { Application, RouteInfo } from '../http/application.ts'
import type { Listener } from '../entrypoint/listener.ts'

/** Logs where a server listens and, with `dumpRoutes` and on a terminal, prints its routes. */
export function announce(server: Application, listeners: readonly Listener[], dumpRoutes: boolean): void {
  for (const { url, address } of listeners) {
    server.logger.info(`Listening on ${url}`, { name: server.name, address })
  }
  // The table is for people, so it doesn't go through the logger.
  if (dumpRoutes && process.stderr.isTTY) console.error(formatRoutes(server.routes()))
}

type Row = readonly string[]

const titles: Row = ['METHOD', 'ROUTE', 'DOMAIN', 'HANDLER', 'TYPE']

/** Formats what is registered as a table, in the same order: hooks with their event, status handlers with their status. */
export function formatRoutes(routes: readonly RouteInfo[]): string {
  const rows: Row[] = routes.map(({ method, route, domain, name, type, hook }) => {
    return [method, route, domain, name, hook === undefined ? type : `${type} ${hook}`]
  })
  const widths = titles.map((title, i) =>
    rows.reduce((width, row) => Math.max(width, (row[i] as string).length), title.length),
  )
  const format = (row: Row) => row.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')
  const rule = widths.map((width) => '-'.repeat(width)).join('-|-')
  return [format(titles), rule, ...rows.map(format)].map((line) => line.trimEnd()).join('\n')
}
