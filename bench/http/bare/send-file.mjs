// A file of the folder, streamed, with what caches need.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { fileFolder } from '../content.mjs'
import { sendText } from './send.mjs'

const folder = fileURLToPath(fileFolder)
const types = { '.html': 'text/html; charset=utf-8', '.txt': 'text/plain; charset=utf-8' }

/** Answers with the file at `path`; false where that leads out of the folder. */
export function sendFile(path, request, response) {
  const file = join(folder, decodeURIComponent(path))
  if (!file.startsWith(folder) || file.includes('\0')) return false
  stream(file, request, response).catch((error) => {
    if (response.headersSent) response.destroy()
    else
      sendText(
        response,
        error.code === 'ENOENT' ? 'Not Found' : 'Internal Server Error',
        error.code === 'ENOENT' ? 404 : 500,
      )
  })
  return true
}

async function stream(file, request, response) {
  const { size, mtime } = await stat(file)
  const etag = `W/"${size.toString(16)}-${mtime.getTime().toString(16)}"`
  const headers = { etag, 'last-modified': mtime.toUTCString(), 'cache-control': 'public, max-age=0' }
  if (request.headers['if-none-match'] === etag) return response.writeHead(304, headers).end()
  const type = types[extname(file)] ?? 'application/octet-stream'
  response.writeHead(200, { ...headers, 'content-type': type, 'content-length': size })
  await pipeline(createReadStream(file), response)
}
