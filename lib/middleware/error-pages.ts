import { isExit } from '../base/exit.ts'
import type { RequestCore } from '../http/request-core.ts'
import { type RequestView, setFields } from '../http/request-view.ts'
import { coreOf, type Request } from '../http/request.ts'
import { show, viewOf } from '../http/show-request.ts'
import { isStatusPattern, matchStatuses, type StatusPattern, statusSchema } from '../net/status-set.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import type { Option } from '../options/option.ts'
import { callback } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { answerThrown } from '../pipeline/handle-failure.ts'
import { named } from './named.ts'
import { anyWirePath } from './path-option.ts'
import { viewPath } from './show-inside.ts'
import { statusOfThrown } from './status-of-thrown.ts'

/** The options of `errorPages`. */
export interface ErrorPagesOptions {
  /** The statuses that have a page, such as `404`, `'5xx'` and `'500-503'`. */
  status: readonly StatusPattern[]
  /** Makes the page, as a handler does. */
  service: (request: Request) => unknown
  /** The path that the service sees, with `{status}` for the status. Default: that of the request. */
  path?: string
}

interface ReadOptions {
  readonly status: (status: number) => boolean
  readonly service: (request: Request) => unknown
  readonly path?: string
}

type UnreadOptions = { readonly [Name in keyof ErrorPagesOptions]?: unknown }

/** The rows for what is written in data; the service is a handler in code, and a reference in a configuration. */
export const errorPagesRows: {
  readonly status: Option<unknown, 'always', (status: number) => boolean>
  readonly path: Option<string, 'maybe'>
} = { status: statusesOption(), path: anyWirePath() as Option<string, 'maybe'> }

/** The table of the options of `errorPages`. */
export const errorPagesOptions: OptionTable<UnreadOptions, ReadOptions> = defineOptions<UnreadOptions, ReadOptions>(
  {
    ...errorPagesRows,
    service: callback<ErrorPagesOptions['service'], { required: true }>('a function', { required: true }),
  },
  { owner: 'errorPages' },
)

function statusesOption(): Option<unknown, 'always', (status: number) => boolean> {
  return {
    isValid: (value) => Array.isArray(value) && value.length > 0 && value.every(isStatusPattern),
    words: 'an array that has at least one status such as 404, "5xx" or "500-503"',
    required: true,
    convert: (value) => matchStatuses(value as StatusPattern[]),
    json: () => ({ type: 'array', items: statusSchema, minItems: 1 }),
  }
}

/**
 * Replaces the bodies of responses with certain statuses by what a handler makes; the status stays.
 *
 * It doesn't matter whether the status was thrown, set or is that of another server. The handler is asked with GET, or HEAD, and
 * without the body of the request; where it fails, the text of the status is the body, and the failure is logged.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function errorPages(options: ErrorPagesOptions): Middleware {
  const { status: hasPage, service, path } = errorPagesOptions.parse(options)
  const missing = new Set<number>()
  return named('errorPages', async (request, next) => {
    const core = coreOf(request)
    const { response } = core
    try {
      await next()
    } catch (thrown) {
      const status = statusOfThrown(thrown)
      if (status === undefined || !hasPage(status) || response.sent) throw thrown
      answerThrown(core, thrown)
    }
    const { effectiveStatus: status } = response
    if (!hasPage(status) || response.sent) return
    response.served?.decideStatus()
    response.fail(status)
    const isMade = await showPage(core, service, viewFor(core, status, path))
    if (!isMade || !response.body.isEmpty || response.source !== undefined || missing.has(status)) return
    // Once, as clients can ask for what doesn't exist as often as they like.
    missing.add(status)
    core.log('warn', `errorPages: there is no page for ${status}, so its text is sent`, { path: path ?? core.path })
  })
}

/** Of the body of the request and what else it asks for, which isn't what the handler is asked. */
const bodyFields = ['content-type', 'content-encoding', 'content-length', 'transfer-encoding', 'expect', 'upgrade']

function viewFor(core: RequestCore, status: number, path: string | undefined): RequestView {
  const view = viewOf(core)
  const removed = new Map(bodyFields.map((name) => [name, { name, value: '' }]))
  return {
    ...view,
    ...setFields(view, removed),
    ...(path !== undefined && viewPath(path.replaceAll('{status}', String(status)))),
    method: core.method === 'HEAD' ? 'HEAD' : 'GET',
  }
}

/** Returns whether the service has made a page, without a failure. */
async function showPage(core: RequestCore, service: ErrorPagesOptions['service'], view: RequestView): Promise<boolean> {
  const { response } = core
  const before = viewOf(core)
  const { status } = response
  show(core, view)
  try {
    response.writeResult(await service(core.face as Request))
    await response.pending
    return true
  } catch (thrown) {
    if (isExit(thrown)) throw thrown
    core.log('error', `errorPages: the page for ${status} of ${core.logName} failed`, { error: thrown })
    core.events?.failed(thrown, false)
    response.fail(status)
    return false
  } finally {
    show(core, before)
    response.status = status
  }
}
