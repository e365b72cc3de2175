import type { SharedSettings } from '../entrypoint/traffic.ts'
import { parseTrust } from '../net/proxy-trust.ts'
import { Views } from '../view/views.ts'
import { ServerSessions } from '../session/sessions.ts'
import type { ReadServerOptions } from './options.ts'

/** Returns what the options mean to each request. */
export function createSettings(options: ReadServerOptions): SharedSettings {
  return {
    logger: options.logger,
    useAsyncLocalStorage: options.useAsyncLocalStorage,
    trustsProxy: parseTrust(options.trustProxy),
    maxBodySize: options.maxBodySize,
    upload: options.upload,
    views: new Views(options.view),
    sessions: options.session && new ServerSessions(options.session),
    cookieSecrets: [options.cookieSecret ?? []].flat(),
  }
}
