// A request of a scenario, in the forms that the load and the check need.

/** The bytes of the request, as latin1 text: all that is sent is ASCII. */
export function formatRequest({ method = 'GET', path, host = '127.0.0.1', headers = {}, body = '' }) {
  const length = body === '' ? {} : { 'content-length': body.length }
  const fields = Object.entries({ host, ...headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${fields.join('')}\r\n${body}`
}

/** The same for messages: `GET host/path`. */
export function describeRequest({ method = 'GET', path, host = '' }) {
  return `${method} ${host}${path}`
}
