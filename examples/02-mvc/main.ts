// An application as it grows: a folder for every kind of thing, and each file binds what it defines when it is imported.
// Requests to try, and their answers, are in ../README.md.
import { getServer, type Server } from 'tribind'

// The table of contents. Leave a line out, and that part of the application is gone.
import './services/book-store.ts'
import './hooks/timing.ts'
import './hooks/admin-access.ts'
import './handlers/errors.ts'
import './handlers/pages.ts'
import './controllers/books.ts'
import './controllers/loans.ts'
import './objects/visits.ts'

/** Always the same server: the files above know it by its name. */
export function build(): Server {
  return getServer('mvc')
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  if (process.env.PORT) server.setPort(Number(process.env.PORT))
  server.registerStartupHook(() => console.log(`The library is open at http://${server.addresses[0]}`))
  server.registerSignalHook()
  await server.run()
}
