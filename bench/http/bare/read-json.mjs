// A JSON body, read whole and with a limit.

const maxBytes = 1024 * 1024

/** Calls `onValue` with what the body holds, or `onRefused` with a status and a text. */
export function readJson(request, onValue, onRefused) {
  if (!request.headers['content-type']?.startsWith('application/json')) return onRefused(415, 'JSON is expected')
  const chunks = []
  let length = 0
  request.on('data', (chunk) => {
    length += chunk.length
    if (length <= maxBytes) chunks.push(chunk)
  })
  request.on('end', () => {
    if (length > maxBytes) return onRefused(413, 'The body is too large')
    let value
    try {
      value = JSON.parse(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
    } catch {
      return onRefused(400, 'The body is no JSON')
    }
    onValue(value)
  })
}
