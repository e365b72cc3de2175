import { createHash } from 'node:crypto'
import type { OpenapiDocument, Request } from '../index.ts'
import { matchesTag, type OpenapiPort, type OpenapiSource, suggestName } from '../kit.ts'
import { createDocument, printDocument } from './document.ts'
import { servePage } from './page.ts'

/** A document as it is sent. */
interface Sent {
  readonly document: OpenapiDocument
  readonly text: string
  readonly tag: string
}

/** Creates what serves a document and its page. */
export function createOpenapi(source: OpenapiSource): OpenapiPort {
  let sent: Promise<Sent> | undefined
  let version = 0
  const current = (): Promise<Sent> => {
    const served = source.read()
    // Before the start, more may be bound at any time.
    if (!served.isFrozen) return createSent(source)
    if (sent === undefined || served.version !== version) sent = createSent(source)
    version = served.version
    return sent
  }
  const warned = new Set<string>()
  const warn = (request: Request, { document }: Sent) => {
    for (const name of findUnknownSchemes(document, source)) {
      if (warned.has(name)) continue
      warned.add(name)
      const known = Object.keys(source.options.securitySchemes ?? {})
      request.server.logger.warn(
        `openapi: operations declare the security "${name}", which "securitySchemes" doesn't have${suggestName(name, known)}`,
        { path: source.path },
      )
    }
  }
  return {
    document: () => createDocument(source),
    serveDocument: async (request) => {
      const found = await current()
      warn(request, found)
      sendDocument(request, found)
    },
    servePage: async (request) => servePage(request, source, (await current()).document),
  }
}

/** Returns the security schemes that operations declare, and that aren't described. */
function findUnknownSchemes({ paths }: OpenapiDocument, { options }: OpenapiSource): string[] {
  const operations = Object.values(paths).flatMap((path) => Object.values(path)) as { security?: readonly object[] }[]
  const named = operations.flatMap(({ security = [] }) => security.flatMap(Object.keys))
  return named.filter((name) => !Object.hasOwn(options.securitySchemes ?? {}, name))
}

async function createSent(source: OpenapiSource): Promise<Sent> {
  const document = await createDocument(source)
  const text = printDocument(document)
  return { document, text, tag: `"${createHash('sha256').update(text).digest('base64url')}"` }
}

function sendDocument(request: Request, { text, tag }: Sent): void {
  const { response } = request
  response.setHeader('ETag', tag)
  response.setHeader('Cache-Control', 'no-cache')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  const known = request.header('if-none-match')
  if (known !== undefined && matchesTag(known, tag)) {
    response.status = 304
    return
  }
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.write(text)
}
