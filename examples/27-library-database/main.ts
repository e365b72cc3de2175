// The lending library of 02-mvc as it goes into service: its books in a database, its pages in the language of the reader, its
// settings in files for each environment. Nothing has to be installed: without DATABASE_URL it uses SQLite, in library.db.
//
//   open http://127.0.0.1:8199/ in a browser, or
//   curl -H 'Accept-Language: de' http://127.0.0.1:8199/
//   curl http://127.0.0.1:8199/health
//
//   DATABASE_URL=postgres://user:password@localhost/library   PostgreSQL instead
//   NODE_ENV=production SESSION_SECRET=…                      the settings of config/library.production.yaml too
import { Server } from 'tribind'
import { database, DatabaseSessionStore, healthCheck, migrator, seed } from 'tribind/database'
import { loadLanguages } from 'tribind/languages'
import { loadSettings, type SettingsOptions } from './settings.ts'
import { BooksController } from './controllers/books.ts'
import { LoansController } from './controllers/loans.ts'
import { ReadersController } from './controllers/readers.ts'
import { countBooks } from './services/books.ts'

/** Returns the server before its start. */
export async function build(options: SettingsOptions = {}): Promise<Server> {
  const config = await loadSettings(options)
  const server = new Server({
    ...config.get('server'),
    config,
    database: database(config.get('database')),
    session: {
      secret: config.get('library.secret'),
      cookie: { maxAge: 7 * 24 * 3_600_000 },
      store: (of) => new DatabaseSessionStore(of),
    },
    languages: await loadLanguages(folder('languages'), { default: 'en', strict: true }),
    detectLanguage: (request) => request.session.get<string>('language'),
    view: { root: folder('views') },
  })
  // Once the database is open, and before anything listens.
  server.install({ name: 'tables', start: () => prepareTables(server), stop: () => {} })

  server.get('/health', healthCheck())
  server.bindControllerMethod('GET:/', BooksController, 'index')
  server.bindControllerMethod('POST:/books', BooksController, 'add')
  server.bindControllerMethod('POST:/loans/:book', LoansController, 'borrow, giveBack')
  server.bindControllerMethod('POST:/readers', ReadersController, 'enter, language')
  return server
}

async function prepareTables(server: Server): Promise<void> {
  await migrator(server, { folder: folder('migrations') }).latest()
  if ((await countBooks(server.db())) === 0) await seed(server, { folder: folder('seeds') })
}

function folder(name: string): URL {
  return new URL(name, import.meta.url)
}

if (import.meta.filename === process.argv[1]) {
  const server = await build()
  server.registerStartupHook(() => console.log(`The library is open at http://${server.addresses[0]}`))
  server.registerSignalHook()
  await server.run()
}
