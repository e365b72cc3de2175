import { Server } from 'tribind'
import { database, healthCheck, migrator } from 'tribind/database'
import { loadLanguages } from 'tribind/languages'
import { NotesController } from './controllers/notes.ts'
import { about } from './handlers/about.ts'
import { timing } from './hooks/timing.ts'
import { notesApi } from './objects/notes-api.ts'
import { loadSettings, type SettingsOptions } from './settings.ts'

/** Returns the server before its start, so that a test can have one of its own. */
export async function build(options: SettingsOptions = {}): Promise<Server> {
  const config = await loadSettings(options)
  const server = new Server({
    ...config.get('server'),
    config,
    database: database(config.get('database')),
    languages: await loadLanguages(folder('../languages'), { default: 'en' }),
    view: { root: folder('../views') },
  })
  // Once the database is open, and before anything listens.
  server.install({
    name: 'tables',
    start: async () => {
      await migrator(server, { folder: folder('migrations') }).latest()
    },
    stop: () => {},
  })

  server.bindHookHandlerByMap('/*', timing)
  server.get('/health', healthCheck())
  server.get('/about', about)
  server.bindControllerMethod('GET:/', NotesController, 'index')
  server.bindControllerMethod('POST:/notes', NotesController, 'add')
  server.bindObjectRest('/api/notes', notesApi)
  return server
}

// From this file, which is at the same depth in src and in dist.
function folder(name: string): URL {
  return new URL(name, import.meta.url)
}
