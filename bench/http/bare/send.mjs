// Whole answers over node:http.

export function sendText(response, text, status = 200) {
  return send(response, status, 'text/plain; charset=utf-8', text)
}

export function sendJson(response, value) {
  return send(response, 200, 'application/json; charset=utf-8', JSON.stringify(value))
}

/** Always true: the path was ours. */
export function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
  return true
}
