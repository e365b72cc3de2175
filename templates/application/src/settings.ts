import { loadConfig, serverSchema } from 'tribind/config'
import { z } from 'zod'

const schema = {
  server: serverSchema,
  database: z.strictObject({ client: z.literal('sqlite'), file: z.string().min(1) }),
  notes: z.strictObject({ shown: z.int().min(1) }),
}

export interface SettingsOptions {
  /** Default: `NODE_ENV`, or none. */
  environment?: string
}

/** Reads config/application.yaml, then that of the environment. A mistake in them is an error that names the line. */
export function loadSettings(options: SettingsOptions) {
  return loadConfig({ schema, file: new URL('../config/application.yaml', import.meta.url), ...options })
}

declare module 'tribind' {
  interface Register {
    config: Awaited<ReturnType<typeof loadSettings>>
  }
}
