import { dirname } from 'node:path'
import { type OpenapiDocument, type Request } from '../index.ts'
import { findPagePackage, type OpenapiSource, type PagePackage } from '../kit.ts'
import { startScalar, startSwagger } from './start-scripts.ts'

/** What a page is made of. */
interface PageParts {
  /** Loaded by the page, in order, from the folder of the package. */
  readonly styles: readonly string[]
  readonly script: string
  /** Served too, for what the page opens. */
  readonly others: readonly string[]
  /** The script that starts the page, without what Content-Security-Policy forbids. */
  readonly start: string
  /** What the policy says of styles. */
  readonly styleSource: string
}

const pages: Readonly<Record<PagePackage['name'], PageParts>> = {
  'swagger-ui-dist': {
    styles: ['swagger-ui.css'],
    script: 'swagger-ui-bundle.js',
    others: ['oauth2-redirect.html', 'oauth2-redirect.js'],
    start: startSwagger,
    styleSource: "'self'",
  },
  '@scalar/api-reference': {
    styles: [],
    script: 'standalone.js',
    others: [],
    start: startScalar,
    // It writes its styles into the page.
    styleSource: "'self' 'unsafe-inline'",
  },
}

const START = 'start.js'

/** Serves the page, or one of its files. */
export async function servePage(request: Request, source: OpenapiSource, document: OpenapiDocument): Promise<void> {
  const { name, script } = findPagePackage()
  const page = pages[name]
  const { response, params } = request
  response.setHeader('X-Content-Type-Options', 'nosniff')
  const { file } = params
  if (file === undefined) return sendPage(request, source, document, page)
  response.setHeader('Cache-Control', 'no-cache')
  if (file === START) {
    response.setHeader('Content-Type', 'text/javascript; charset=utf-8')
    response.write(page.start)
    return
  }
  if (![page.script, ...page.styles, ...page.others].includes(file)) {
    response.status = 404
    return
  }
  response.setHeader('Content-Security-Policy', policyOf(page, []))
  await response.serveFile(file, { root: dirname(script) })
}

function sendPage(request: Request, source: OpenapiSource, document: OpenapiDocument, page: PageParts): void {
  const { response } = request
  response.setHeader('Cache-Control', 'no-cache')
  response.setHeader('Content-Security-Policy', policyOf(page, originsIn(document)))
  response.setHeader('Referrer-Policy', 'no-referrer')
  const { folder, documentUrl } = linksFrom(request.url, source)
  const styles = page.styles.map((style) => `<link rel="stylesheet" href="${folder}${style}">`)
  response.writeHtml(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(document.info.title)}</title>
<link rel="icon" href="data:,">
${styles.join('\n')}
</head>
<body>
<div id="page" data-document="${escapeHtml(documentUrl)}"></div>
<script src="${folder}${page.script}"></script>
<script src="${folder}${START}"></script>
</body>
</html>
`)
}

interface Links {
  /** Where the files of the page are, as seen from it. */
  readonly folder: string
  readonly documentUrl: string
}

/** Returns relative links, which hold behind a proxy and below a prefix, by whether the page was asked for with a `/` at its end. */
function linksFrom(url: string, { path, pagePath = '/' }: OpenapiSource): Links {
  const [asked = ''] = url.split('?', 1)
  const names = asked.split('/')
  const last = names.at(-1) ?? ''
  const place = segmentsOf(pagePath)
  const base = last === '' ? place : place.slice(0, -1)
  const target = segmentsOf(path)
  let common = 0
  while (common < target.length - 1 && base[common] === target[common]) common++
  const up = base.slice(common).map(() => '..')
  const documentUrl = [...up, ...target.slice(common).map(encodeURIComponent)].join('/')
  return { folder: last === '' ? '' : `${encodeURIComponent(decode(last))}/`, documentUrl }
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter(Boolean)
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function policyOf({ styleSource }: PageParts, origins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styleSource}`,
    "img-src 'self' data:",
    "font-src 'self' data:",
    // What is tried goes where the document says the API is.
    ["connect-src 'self'", ...origins].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Returns the origins that operations are tried at, and those that tokens come from. */
function originsIn(document: OpenapiDocument): string[] {
  const found = new Set<string>()
  collect(document)
  return [...found].toSorted()
  function collect(value: unknown): void {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      const urls = key === 'servers' ? urlsOf(inner) : key === 'tokenUrl' || key === 'openIdConnectUrl' ? [inner] : []
      for (const url of urls) {
        const origin = originOf(url)
        if (origin !== undefined) found.add(origin)
      }
      // Schemas and examples may have such names too.
      if (!['schema', 'schemas', 'requestBody', 'responses', 'parameters'].includes(key)) collect(inner)
    }
  }
}

function urlsOf(servers: unknown): unknown[] {
  return Array.isArray(servers) ? servers.map((server) => (server as { readonly url?: unknown } | undefined)?.url) : []
}

/** Returns a source of a policy; `undefined` for what is relative. A variable in front of a host stands for any. */
function originOf(url: unknown): string | undefined {
  if (typeof url !== 'string') return undefined
  const [, scheme = '', host = ''] = /^(https?:)?\/\/([^/?#]+)/i.exec(url) ?? []
  const written = host.replace(/^\{[^}]*\}(?=\.)/, '*')
  if (!/^(\*\.)?[\w.-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i.test(written)) return undefined
  return scheme === '' ? written : `${scheme}//${written}`
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (character) => entities[character] as string)
}
