import { onDemandOfNode } from '../base/on-demand.ts'
import type { ResponseCore } from '../http/response-core.ts'
import { coreOf } from '../http/request.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { flag } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

/** The options of `etag`. */
export interface EtagOptions {
  /** Whether equal tags promise the same content, but not the same bytes. Default true. */
  weak?: boolean
}

/** The table of the options of `etag`. */
export const etagOptions: OptionTable<EtagOptions> = defineOptions({ weak: flag({ default: true }) }, { owner: 'etag' })

/**
 * Gives each 200 to GET and HEAD an ETag made from its body, unless it has one, and answers 304 to a client that has it already by
 * `If-None-Match` (RFC 9110, sections 8.8.3 and 13.1.2).
 *
 * The body is tagged as its head goes out, after every hook and before it is compressed. What is streamed, files included, is left
 * as it is.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function etag(options: EtagOptions = {}): Middleware {
  const { weak } = etagOptions.parse(options)
  return named('etag', (request, next) => {
    const { method, response, raw } = coreOf(request)
    if (method === 'GET' || method === 'HEAD') tagAtEnd(response, weak, raw.headers['if-none-match'])
    return next()
  })
}

function tagAtEnd(response: ResponseCore, weak: boolean, known: string | undefined): void {
  const { changeHead: changeOutside } = response
  response.changeHead = () => {
    changeOutside?.()
    if (response.status !== 200 || response.source !== undefined || response.raw.hasHeader('etag')) return
    const tag = response.fields?.get('etag') ?? createTag(response.content(), weak)
    response.setHeader('ETag', tag)
    if (known !== undefined && matchesTag(known, tag)) response.status = 304
  }
}

function createTag(content: string | Buffer, weak: boolean): string {
  const hash = crypto().createHash('sha256').update(content).digest('base64url').slice(0, 27)
  return `${weak ? 'W/' : ''}"${hash}"`
}

/** Whether If-None-Match has a tag, compared weakly. */
export function matchesTag(field: string, tag: string): boolean {
  if (field.trim() === '*') return true
  const isOf = opaque(tag)
  return (field.match(/(?:W\/)?"[^"]*"/g) ?? []).some((known) => opaque(known) === isOf)
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, '')
}
