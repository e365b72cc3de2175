import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { integer, oneOf } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'
import { redirect } from './redirect.ts'

/** The options of `redirectToHttps`. */
export interface RedirectToHttpsOptions {
  /** 301, 302, 307 or 308; the last two keep the method and body. Default 308. */
  status?: number
  /** The port of HTTPS. Default: 443, which isn't written. */
  port?: number
}

interface ReadOptions {
  readonly status: number
  readonly port?: number
}

/** The table of the options of `redirectToHttps`. */
export const redirectToHttpsOptions: OptionTable<RedirectToHttpsOptions, ReadOptions> = defineOptions<
  RedirectToHttpsOptions,
  ReadOptions
>(
  {
    status: oneOf<number, { default: number }>([301, 302, 307, 308], { default: 308 }),
    port: integer({ from: 1, to: 65_535 }, { defaultText: '443' }),
  },
  { owner: 'redirectToHttps' },
)

/**
 * Redirects requests that came in without TLS to the same host, path and query over HTTPS; the option `trustProxy` of the server says
 * whose `X-Forwarded-Proto` counts.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function redirectToHttps(options: RedirectToHttpsOptions = {}): Middleware {
  const { status, port } = redirectToHttpsOptions.parse(options)
  const written = port === undefined || port === 443 ? '' : `:${port}`
  const elsewhere = redirect({ to: `https://{host}${written}{path}{query}`, status })
  return named('redirectToHttps', (request, next) => {
    return request.protocol === 'https' ? next() : elsewhere(request, next)
  })
}
