// A small CMS: its pages come and go while the server serves, and a page in the browser shows each version as it comes.
//
//   open http://127.0.0.1:8199/ in a browser, then
//   curl -X PUT --data 'We sell books.' http://127.0.0.1:8199/pages/about       # a page
//   curl http://127.0.0.1:8199/about                                            # We sell books.
//   curl -X DELETE http://127.0.0.1:8199/pages/about
//   curl -X PUT --data 'no' http://127.0.0.1:8199/pages/%7Bx                     # 409: no pattern, and nothing has changed
import { type EventStream, type Logger, RouteError, Server, type SwitchEvents } from 'tribind'

type Change = { readonly version: number; readonly added: string[]; readonly removed: string[] }

/** The pages of the site. They are one layer, which is built anew at each change. */
class Site {
  readonly #server: Server
  #pages: ReadonlyMap<string, string> = new Map()

  constructor(server: Server) {
    this.#server = server
  }

  /**
   * Changes the pages, and returns the version that has the change.
   *
   * @throws RouteError where a name is no pattern, or is taken by the code of the server; then nothing has changed
   */
  async change(act: (pages: Map<string, string>) => unknown): Promise<number> {
    const pages = new Map<string, string>()
    const { version } = await this.#server.layer('pages').replace((routes) => {
      // Builds run one after another: these are the pages after the change before.
      for (const [name, text] of this.#pages) pages.set(name, text)
      act(pages)
      const views = routes.keep('views', () => new Map<string, number>())
      for (const [name, text] of pages) {
        routes.get(`/${name}`, ({ response }) => {
          const count = (views.get(name) ?? 0) + 1
          views.set(name, count)
          response.setHeader('X-Views', String(count))
          return text
        })
      }
    })
    this.#pages = pages
    return version
  }
}

export function build(logger?: Logger): Server {
  const server = new Server(logger && { logger })
  const site = new Site(server)
  const viewers = new Set<EventStream>()
  server.serveStatic('/', new URL('public', import.meta.url))

  server.get('/versions', async ({ response }) => {
    const events = response.sse()
    viewers.add(events)
    void events.send({ event: 'version', data: { version: server.version, added: [], removed: [] } satisfies Change })
    await events.closed
    viewers.delete(events)
  })
  server.on('switched', ({ version, added, removed }: SwitchEvents['switched']) => {
    const paths = (routes: typeof added) => routes.map(({ route }) => route)
    const change: Change = { version, added: paths(added), removed: paths(removed) }
    for (const events of viewers) void events.send({ event: 'version', id: version, data: change })
  })

  server.put('/pages/:name', async (request) => {
    try {
      const text = await request.text()
      return { version: await site.change((pages) => pages.set(request.params.name, text)) }
    } catch (error) {
      if (!(error instanceof RouteError)) throw error
      server.logger.info('A page was refused', { error })
      return request.response.writeStatus(409, 'There can be no page of this name')
    }
  })
  server.delete('/pages/:name', async ({ params }) => ({
    version: await site.change((pages) => pages.delete(params.name)),
  }))
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/`))
  server.registerSignalHook()
  await server.run()
}
