import type { Check } from '../options/option-checks.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { checkOptions } from './check-options.ts'

/** For each the value of its field, in place of the default, or `false` to leave the field out. */
export interface SecurityHeadersOptions {
  contentSecurityPolicy?: string | false
  crossOriginOpenerPolicy?: string | false
  crossOriginResourcePolicy?: string | false
  originAgentCluster?: string | false
  referrerPolicy?: string | false
  /** Sent over TLS alone. */
  strictTransportSecurity?: string | false
  xContentTypeOptions?: string | false
  xDnsPrefetchControl?: string | false
  xFrameOptions?: string | false
  xPermittedCrossDomainPolicies?: string | false
  xXssProtection?: string | false
}

/** The fields, with their defaults. */
const fields: Readonly<Record<keyof SecurityHeadersOptions, readonly [name: string, value: string]>> = {
  contentSecurityPolicy: [
    'Content-Security-Policy',
    "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; object-src 'none'; script-src 'self'; script-src-attr 'none'; img-src 'self' data:; font-src 'self' https: data:; style-src 'self' https: 'unsafe-inline'",
  ],
  crossOriginOpenerPolicy: ['Cross-Origin-Opener-Policy', 'same-origin'],
  crossOriginResourcePolicy: ['Cross-Origin-Resource-Policy', 'same-origin'],
  originAgentCluster: ['Origin-Agent-Cluster', '?1'],
  referrerPolicy: ['Referrer-Policy', 'no-referrer'],
  strictTransportSecurity: ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
  xContentTypeOptions: ['X-Content-Type-Options', 'nosniff'],
  xDnsPrefetchControl: ['X-DNS-Prefetch-Control', 'off'],
  xFrameOptions: ['X-Frame-Options', 'SAMEORIGIN'],
  xPermittedCrossDomainPolicies: ['X-Permitted-Cross-Domain-Policies', 'none'],
  xXssProtection: ['X-XSS-Protection', '0'],
}

const isValue: Check = [
  (value) => value === false || (typeof value === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)),
  'the value of the field, or false to leave it out',
]
const names = Object.keys(fields) as (keyof SecurityHeadersOptions)[]
const checks = Object.fromEntries(names.map((name) => [name, isValue])) as Record<(typeof names)[number], Check>

/**
 * Sets the header fields by which browsers guard a site, those of helmet's defaults; what is inside may change them.
 *
 * Strict-Transport-Security goes out over TLS alone (RFC 6797, section 7.2).
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function securityHeaders(options: SecurityHeadersOptions = {}): Middleware {
  checkOptions('securityHeaders', options, checks)
  const chosen = names.map((name) => [fields[name][0], options[name] ?? fields[name][1]] as const)
  return function securityHeaders({ protocol, response }, next) {
    for (const [name, value] of chosen) {
      if (value !== false && (protocol === 'https' || name !== 'Strict-Transport-Security'))
        response.setHeader(name, value)
    }
    return next()
  }
}
