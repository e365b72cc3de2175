// What each duty does, seen from a client: with it, and without it. `node bench/transport/hostile/duties.mjs`

import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { duties, Transport } from '../transport.mjs'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const post = (...fields) => `${['POST / HTTP/1.1', 'Host: a', ...fields].join('\r\n')}\r\n\r\n`
const short = { headersTimeout: 200, requestTimeout: 300, keepAliveTimeout: 200, timeout: 400, checkingInterval: 50 }

/** What a client sends, in turn, with pauses in milliseconds between. */
const probes = {
  limits: { sends: [`${post('Content-Length: 2000')}${'x'.repeat(2000)}`] },
  timeouts: { sends: ['GET / HT'] },
  pipelining: { sends: [get + get] },
  chunked: { sends: [`${post('Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`] },
  continue: { sends: [post('Content-Length: 3', 'Expect: 100-continue')] },
  upgrade: { sends: ['GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\nbar'] },
  halfOpen: { sends: [get, undefined] },
  // Either of both needs the list of connections.
  stop: { sends: [get], stops: true, without: ['stop', 'timeouts'] },
  fields: { sends: [get] },
  checks: { sends: ['GET /bad HTTP/1.1\r\nHost: a\r\n\r\n'] },
}

for (const name of Object.keys(duties)) {
  const [withIt, without] = [await probe(name, []), await probe(name, probes[name].without ?? [name])]
  console.log(`| ${name} | ${withIt} | ${without} |`)
}
process.exit()

async function probe(name, without) {
  const { sends, stops } = probes[name]
  const options = { ...short, maxBodyBytes: 1000, upgrade: (_, socket, head) => socket.end(`taken, with ${head}`) }
  const transport = new Transport(serve, { ...options, without })
  const socket = connect({ port: await transport.listen(), host: '127.0.0.1' })
  let received = ''
  let isClosed = false
  socket.on('data', (text) => (received += text)).on('error', () => {})
  socket.on('close', () => (isClosed = true)).on('end', () => (isClosed = true))
  await once(socket, 'connect')
  for (const text of sends) {
    if (text === undefined) socket.end()
    else socket.write(text)
  }
  await sleep(stops ? 60 : 100)
  if (stops) void transport.close(2000)
  await sleep(name === 'timeouts' ? 400 : 90)
  socket.destroy()
  return `${describe(received)}${isClosed ? ', closed' : ', open'}`
}

function serve(request, response) {
  request.on('data', () => {})
  request.on('end', () => {
    setTimeout(() => {
      try {
        response.writeHead(200, { 'Content-Length': 2, ...(request.url === '/bad' && { A: 'b\r\nC: d' }) })
        response.end('ok')
      } catch {
        response.writeHead(500, { 'Content-Length': 0 }).end()
      }
    }, 20)
  })
}

function describe(received) {
  const statuses = [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status).join(' ')
  const fields = ['Date', 'Connection', 'Keep-Alive', 'C'].filter((field) => received.includes(`\n${field}: `))
  return statuses === '' ? received || 'nothing' : `${statuses} (${fields.join(', ')})`
}
