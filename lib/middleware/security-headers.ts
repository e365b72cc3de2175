import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { type Option, option } from '../options/option.ts'
import { textSchema } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'

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

/** The name of the field that each option sets. */
const fieldNames: Readonly<Record<keyof SecurityHeadersOptions, string>> = {
  contentSecurityPolicy: 'Content-Security-Policy',
  crossOriginOpenerPolicy: 'Cross-Origin-Opener-Policy',
  crossOriginResourcePolicy: 'Cross-Origin-Resource-Policy',
  originAgentCluster: 'Origin-Agent-Cluster',
  referrerPolicy: 'Referrer-Policy',
  strictTransportSecurity: 'Strict-Transport-Security',
  xContentTypeOptions: 'X-Content-Type-Options',
  xDnsPrefetchControl: 'X-DNS-Prefetch-Control',
  xFrameOptions: 'X-Frame-Options',
  xPermittedCrossDomainPolicies: 'X-Permitted-Cross-Domain-Policies',
  xXssProtection: 'X-XSS-Protection',
}

/** The table of the options of `securityHeaders`. */
export const securityHeadersOptions: OptionTable<SecurityHeadersOptions> = defineOptions(
  {
    contentSecurityPolicy: field(
      "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; object-src 'none'; script-src 'self'; script-src-attr 'none'; img-src 'self' data:; font-src 'self' https: data:; style-src 'self' https: 'unsafe-inline'",
    ),
    crossOriginOpenerPolicy: field('same-origin'),
    crossOriginResourcePolicy: field('same-origin'),
    originAgentCluster: field('?1'),
    referrerPolicy: field('no-referrer'),
    strictTransportSecurity: field('max-age=31536000; includeSubDomains'),
    xContentTypeOptions: field('nosniff'),
    xDnsPrefetchControl: field('off'),
    xFrameOptions: field('SAMEORIGIN'),
    xPermittedCrossDomainPolicies: field('none'),
    xXssProtection: field('0'),
  },
  { owner: 'securityHeaders' },
)

/**
 * Sets the header fields by which browsers guard a site, those of helmet's defaults; what is inside may change them.
 *
 * Strict-Transport-Security goes out over TLS alone (RFC 6797, section 7.2).
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function securityHeaders(options: SecurityHeadersOptions = {}): Middleware {
  const values = Object.entries(securityHeadersOptions.parse(options))
  const chosen = values.map(([name, value]) => [fieldNames[name as keyof SecurityHeadersOptions], value] as const)
  return named('securityHeaders', ({ protocol, response }, next) => {
    for (const [name, value] of chosen) {
      if (value !== false && (protocol === 'https' || name !== 'Strict-Transport-Security'))
        response.setHeader(name, value)
    }
    return next()
  })
}

function field(value: string): Option<string | false, 'always'> {
  return option(isFieldValue, 'the value of the field, or false to leave it out', {
    default: value,
    json: () => ({ anyOf: [textSchema, { const: false }] }),
  })
}

function isFieldValue(value: unknown): boolean {
  return value === false || (typeof value === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value))
}
