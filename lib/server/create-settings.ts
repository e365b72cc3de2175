import { Tasks } from '../base/tasks.ts'
import { parseTrust } from '../net/proxy-trust.ts'
import type { RequestSettings } from '../http/request-settings.ts'
import { Views } from '../view/views.ts'
import { ServerSessions } from '../session/sessions.ts'
import type { BaseContexts } from './base-contexts.ts'
import type { ReadServerOptions } from './options.ts'

/** What the options mean to each request. */
export function createSettings(
  options: ReadServerOptions,
  baseContexts: BaseContexts | undefined,
  isDraining: () => boolean,
): RequestSettings {
  return {
    baseContext: baseContexts && (() => baseContexts.first),
    useAsyncLocalStorage: options.useAsyncLocalStorage,
    trustsProxy: parseTrust(options.trustProxy),
    maxBodySize: options.maxBodySize,
    upload: options.upload,
    views: new Views(options.view),
    tasks: new Tasks(),
    streams: new Tasks(),
    isDraining,
    sessions: options.session && new ServerSessions(options.session),
    cookieSecrets: [options.cookieSecret ?? []].flat(),
  }
}
