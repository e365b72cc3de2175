import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Handler, Request } from '../index.ts'
import type { Endpoints } from './admin-world.ts'
import { unknown } from './problem.ts'

/** The page loads nothing from elsewhere, runs no code but ours, and can't be framed. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The page at `/`, and its files at `/page/`. It shows nothing without the token, which it asks for. */
export function dashboardEndpoints(prefix: string): Endpoints {
  const root = pageFolder()
  const serve =
    (fileOf: (request: Request) => string): Handler =>
    async (request) => {
      if (root === undefined) throw unknown('page where tribind is bundled into the program')
      request.response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY)
      // Its files are those of the version that runs.
      request.response.setHeader('Cache-Control', 'no-cache')
      await request.response.serveFile(fileOf(request), { root })
    }
  const servePage = serve(() => 'index.html')
  return {
    'GET:/': (request) => {
      // The links of the page are relative.
      const isFolder = request.url.split('?', 1)[0]?.endsWith('/') === true
      return isFolder ? servePage(request) : request.response.redirectTo(`${prefix}/`)
    },
    'GET:/page/:file': serve(({ params: { file = '' } }) => file),
  }
}

/** Beside this file in the sources, and beside the bundle in the package. */
function pageFolder(): string | undefined {
  const { url }: { readonly url?: string } = import.meta
  const folder = url === undefined ? undefined : fileURLToPath(new URL('page/', url))
  return folder !== undefined && existsSync(folder) ? folder : undefined
}
