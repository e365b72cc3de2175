import { createHash, timingSafeEqual } from 'node:crypto'
import { getServer, HttpError } from 'tribind'

// A default only so that the example runs as it is; without one, an application should refuse to start.
const expected = digest(`Bearer ${process.env.ADMIN_TOKEN ?? 'open-sesame'}`)

getServer('mvc').bindHookHandler('/admin/*', 'BeforeServe', (request) => {
  // Digests have one length, and their comparison takes one time, so neither tells how near a guess was.
  if (timingSafeEqual(digest(request.header('authorization') ?? ''), expected)) return
  request.response.setHeader('WWW-Authenticate', 'Bearer')
  throw new HttpError(401, 'for librarians only')
})

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
