import { fileURLToPath } from 'node:url'
import { loadConfig, serverSchema } from 'tribind/config'
import type { DatabaseOptions } from 'tribind/database'
import { z } from 'zod'

const schema = {
  server: serverSchema,
  database: z.url().transform(readDatabaseUrl),
  library: z.strictObject({ maxLoans: z.int().min(1), secret: z.string().min(20) }),
}

export interface SettingsOptions {
  /** Default: `NODE_ENV`, or none. */
  environment?: string
  /** Settings over those of the files. */
  values?: object
}

/** Reads config/library.yaml, then that of the environment. A mistake in them is an error that names the line. */
export function loadSettings(options: SettingsOptions) {
  return loadConfig({ schema, file: new URL('config/library.yaml', import.meta.url), ...options })
}

/** `sqlite:FILE` is SQLite, with the file in this folder. */
function readDatabaseUrl(url: string): DatabaseOptions {
  const file = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : undefined
  if (file === undefined) return { client: url.startsWith('postgres') ? 'postgres' : 'mysql', url }
  return { client: 'sqlite', file: file === ':memory:' ? file : fileURLToPath(new URL(file, import.meta.url)) }
}

declare module 'tribind' {
  interface Register {
    config: Awaited<ReturnType<typeof loadSettings>>
  }
}
