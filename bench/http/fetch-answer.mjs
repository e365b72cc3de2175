// One request over a connection of its own.

import { request as ask } from 'node:http'

const timeoutMs = 30_000

/** The whole answer: status, headers and the body as text. */
export async function fetchAnswer(port, { method = 'GET', path, host, headers = {}, body }) {
  const response = await new Promise((resolve, reject) => {
    const options = { port, path, method, host: '127.0.0.1', agent: false, timeout: timeoutMs }
    const request = ask({ ...options, headers: { ...headers, ...(host && { host }) } }, resolve)
    request.on('timeout', () => request.destroy(new Error(`no answer for ${path} in ${timeoutMs} ms`)))
    request.on('error', reject)
    request.end(body)
  })
  const chunks = await response.toArray()
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }
}
