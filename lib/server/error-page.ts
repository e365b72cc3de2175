import { createHash } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { inspect } from 'node:util'
import { escapeHtml } from '../base/escape-html.ts'
import type { RequestCore } from '../http/request-core.ts'
import type { ResponseCore } from '../http/response-core.ts'
import type { ExplainedRequest } from '../layers/explain-request.ts'
import { AddressRanges } from '../net/address-ranges.ts'
import { isForwardedName } from '../net/forwarded.ts'
import { type Frame, readFrames } from './stack-frames.ts'

/** Says what a request has passed; `undefined` where that isn't known. */
type Explain = (core: RequestCore) => ExplainedRequest | undefined

/**
 * Writes what was thrown as a page: the error and its causes, their stacks with lines of source, the request and what it passed.
 *
 * **Security.** It is for browsers of this machine that show a page: the connection, and each proxy before it, is from a loopback
 * address, the host is one that only this machine can have, and the request isn't one of a script. What the request authenticates
 * with isn't shown, wherever it appears. The page runs no script and loads nothing.
 *
 * @returns false where the client isn't to see it; then nothing is written
 */
export async function writeErrorPage(thrown: unknown, response: ResponseCore, explain: Explain): Promise<boolean> {
  const core = response.request as RequestCore
  if (!isOnThisMachine(core)) return false
  try {
    const page = await createPage(response.status, thrown, core, explain(core))
    for (const [name, value] of Object.entries(fields)) response.setHeader(name, value)
    response.body.writeText(page)
    return true
  } catch (error) {
    core.log('error', `The error page of ${core.logName} failed`, { error })
    return false
  }
}

const loopback = new AddressRanges()
loopback.add('loopback')

function isOnThisMachine(core: RequestCore): boolean {
  const { raw, headers, host, ip, isFromProxy } = core
  const isForwarded = Object.keys(headers).some(
    (name) => isForwardedName(name) || name === 'via' || name === 'x-real-ip',
  )
  return (
    loopback.has(raw.socket.remoteAddress ?? '') &&
    loopback.has(ip) &&
    (isFromProxy || !isForwarded) &&
    isOwnHost(host) &&
    [undefined, 'navigate'].includes(core.header('sec-fetch-mode'))
  )
}

/** Of other names, anyone may say in the DNS that they are this machine, to read answers by a script. */
function isOwnHost(host: string): boolean {
  return /(?:^|\.)(?:localhost|test)$/.test(host) || loopback.has(host.replace(/^\[(.*)\]$/, '$1'))
}

/** A part of a page: texts that are HTML already, and what is inserted between them. */
class Html {
  readonly texts: readonly string[]
  readonly parts: readonly Part[]

  constructor(texts: readonly string[], parts: readonly Part[] = []) {
    this.texts = texts
    this.parts = parts
  }
}

type Part = string | Html | readonly Html[]

function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts, parts)
}

/** Returns the text of a page, with all that is inserted escaped. @param change what is done to it before */
function render({ texts, parts }: Html, change: (text: string) => string): string {
  const renderPart = (part: Part): string => {
    if (typeof part === 'string') return escapeHtml(change(part))
    return [part]
      .flat()
      .map((inner) => render(inner as Html, change))
      .join('')
  }
  return texts.reduce((before, text, i) => before + renderPart(parts[i - 1] as Part) + text)
}

const style = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color-scheme: light dark }
h1 { font-size: 1.1rem; font-weight: normal } h2 { font-size: 1.3rem; margin: 2rem 0 .5rem } h3 { font-size: 1rem; margin-bottom: .3rem }
h2, td, summary, p { overflow-wrap: anywhere; white-space: pre-wrap }
pre, td, summary, code { font: 14px/1.5 ui-monospace, monospace }
pre { overflow-x: auto; border: 1px solid #8886; border-radius: 4px; padding: .5rem; margin: .3rem 0 } mark { display: inline-block; min-width: 100% }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid #8884; padding: .2rem .5rem .2rem 0; vertical-align: top }
td:first-child { width: 14rem }
`

const fields: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

async function createPage(
  status: number,
  thrown: unknown,
  core: RequestCore,
  explained: ExplainedRequest | undefined,
): Promise<string> {
  const title = `${status} ${STATUS_CODES[status] ?? ''}`.trim()
  const errors = await Promise.all(listErrors(thrown).map((error, i) => showError(error, i > 0)))
  const page = markup`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>${new Html([style])}</style>
      </head>
      <body>
        <h1>${title}</h1>
        ${errors}
        <h2>Request</h2>
        ${showRequest(core)}
        ${explained === undefined ? '' : showPassed(explained)}
        <p>Browsers on this machine see this page since the option errorPage is on. The log has the error, too.</p>
      </body>
    </html> `
  return render(page, secretHider(core))
}

const MAX_ERRORS = 10

/** The error, then its causes and what it was made of, each once. */
function listErrors(thrown: unknown): unknown[] {
  const found = new Set([thrown])
  for (const error of found) {
    if (found.size >= MAX_ERRORS || !(error instanceof Error)) continue
    const { cause, errors } = error as Error & { readonly errors?: unknown }
    for (const inner of [cause, ...(Array.isArray(errors) ? errors : [])])
      if (inner !== undefined && found.size < MAX_ERRORS) found.add(inner)
  }
  return [...found]
}

async function showError(error: unknown, isCause: boolean): Promise<Html> {
  const before = isCause ? 'Caused by ' : ''
  if (!(error instanceof Error))
    return markup`<h2>${before}${inspect(error, { depth: 2, maxStringLength: 10_000 })}</h2>`
  const { code, failure } = error as Error & Readonly<Record<'code' | 'failure', unknown>>
  const codes = [...new Set([code, failure])].filter((one) => typeof one === 'string' || typeof one === 'number')
  const frames = await readFrames(error)
  return markup`<h2>${before}${error.name}: ${error.message}</h2>
    ${codes.map((one) => markup`<code>${String(one)}</code> `)} ${frames.map(showFrame)}`
}

function showFrame({ text, source }: Frame): Html {
  if (source === undefined) return markup`<div><code>${text}</code></div>`
  const width = String(source.from + source.lines.length).length
  const lines = source.lines.map((line, i) => {
    const number = source.from + i
    const shown = markup`${String(number).padStart(width)}  ${line}\n`
    return number === source.line ? markup`<mark>${shown}</mark>` : shown
  })
  return markup`<details open>
    <summary>${text}</summary><pre>${lines}</pre>
  </details>`
}

function showRequest(core: RequestCore): Html {
  const { method, path, host, ip, id, route = '', headers } = core
  return markup`${table(Object.entries({ method, path, host, client: ip, route, 'request id': id }))}
  ${section('Parameters', hidden(core.routeParams))}${section('Query', hidden(core.query))}${section('Header fields', hidden(headers))}`
}

function showPassed({ served, hooks, middleware }: ExplainedRequest): Html {
  const rows = (bound: ExplainedRequest['hooks']) =>
    bound.map(({ name, hook, route, origin }) => [`${hook ?? ''} ${name}`.trim(), `${route} (${origin})`] as const)
  return markup`${section('Handler', rows(served === undefined ? [] : [served]))}${section('Middleware', rows(middleware))}${section('Hooks and status handlers', rows(hooks))}`
}

type Row = readonly [name: string, value: string]

function section(title: string, rows: readonly Row[]): Html {
  return rows.length === 0 ? markup`` : markup`<h3>${title}</h3>${table(rows)}`
}

function table(rows: readonly Row[]): Html {
  return markup`<table>${rows.map(([name, value]) => markup`<tr><td>${name}</td><td>${value}</td></tr>\n`)}</table>`
}

/** What names of secrets have in them. */
const secretName = /auth|code|cookie|credential|csrf|jwt|key|otp|pass|secret|session|signature|token|xsrf/i
const HIDDEN = '[hidden]'

/** The values, other than those whose names say that they are secret. */
function hidden(values: Readonly<Record<string, string | readonly string[] | undefined>>): Row[] {
  return Object.entries(values).map(([name, value]) => [name, secretName.test(name) ? HIDDEN : String(value)])
}

/** Returns what hides the secrets of a request where they appear otherwise: in its path, in a Referer, in a message. */
function secretHider(core: RequestCore): (text: string) => string {
  const secrets = [core.routeParams, core.query, core.headers].flatMap((values) =>
    Object.entries(values).flatMap(([name, value]) => (secretName.test(name) ? value : undefined) ?? []),
  )
  // Of `Bearer TOKEN` and `a=1; b=2`, the parts are the secrets. What is short isn't one, and stands for other things too.
  const parts = secrets
    .flatMap((secret) => [secret, ...secret.split(/[\s;,]+|=(?=.)/)])
    .filter((part) => part.length > 5)
  const written = new Set(parts.flatMap((part) => [part, encodeURIComponent(part)]))
  const longestFirst = [...written].sort((a, b) => b.length - a.length)
  return (text) => longestFirst.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text)
}
