import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConfigError } from '../base/errors.ts'
import { onDemand } from '../base/on-demand.ts'
import type { Application } from '../http/application.ts'
import type { RequestCore } from '../http/request-core.ts'

/** What is used of an application of Express. */
export interface ExpressApplication {
  /** What its requests inherit from. */
  readonly request: object
  set(name: string, value: unknown): void
  use(path: string, guests: unknown): void
  handle(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void
}

interface ExpressPackage {
  (): ExpressApplication
  Router(options: { mergeParams: boolean }): unknown
  readonly application: object
}

const loadExpress = onDemand<ExpressPackage>('express', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('express')
  } catch (error) {
    throw missing(error)
  }
})

/** The package `express`, which applications install. @throws ConfigError where it isn't there, or older than 5 */
export function expressPackage(): ExpressPackage {
  let express
  try {
    express = loadExpress()
  } catch (error) {
    throw error instanceof ConfigError ? error : missing(error)
  }
  if ('lazyrouter' in express.application)
    throw new ConfigError(
      'fromExpress needs version 5 of the package "express", got version 4: run npm install express@5',
      {
        failure: 'ERR_TRIBIND_PACKAGE_VERSION',
      },
    )
  return express
}

function missing(cause: unknown): ConfigError {
  return new ConfigError(
    'fromExpress needs the package "express", which could not be loaded: run npm install express@5',
    { failure: 'ERR_TRIBIND_PACKAGE_MISSING', cause },
  )
}

/** What stands behind the requests that guests have. */
const cores = new WeakMap<object, RequestCore>()

/** The application of Express in which the guests of one server run. */
export class ExpressHost {
  readonly application: ExpressApplication

  constructor({ settings }: RequestCore) {
    const application = expressPackage()()
    application.set('x-powered-by', false)
    application.set('trust proxy', settings.trustsProxy ?? false)
    // As `request.ip` and the others: by the option `trustProxy`, and with the `:authority` of HTTP/2.
    Object.defineProperties(application.request, {
      ip: readsOf((core) => core.ip),
      protocol: readsOf((core) => core.protocol),
      host: readsOf((core) => core.authority),
    })
    this.application = application
  }

  /** Lets a request in. */
  admit(core: RequestCore): void {
    cores.set(core.raw, core)
    Object.assign(core.raw, { params: core.params })
  }
}

const hosts = new WeakMap<Application, ExpressHost>()

/** The one of the server of a request. */
export function hostOf(core: RequestCore): ExpressHost {
  let host = hosts.get(core.server)
  if (host === undefined) hosts.set(core.server, (host = new ExpressHost(core)))
  return host
}

function readsOf(read: (core: RequestCore) => unknown): PropertyDescriptor {
  return {
    configurable: true,
    enumerable: true,
    get(this: object) {
      return read(cores.get(this) as RequestCore)
    },
  }
}
