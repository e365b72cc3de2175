// node:http piped by hand: what an application would write that needs no more than this.

import { Agent, createServer, request } from 'node:http'
import { connect } from 'node:net'

const agent = new Agent({ keepAlive: true })

export function listen(nodePort) {
  const server = createServer((incoming, response) => {
    const { method, url, headers } = incoming
    const outgoing = request({ agent, host: '127.0.0.1', port: nodePort, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    outgoing.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()))
    response.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  })
  server.on('upgrade', ({ method, url, rawHeaders }, socket, head) => {
    const fields = rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
    const node = connect(nodePort, '127.0.0.1', () => {
      node.write(`${method} ${url} HTTP/1.1\r\n${fields}\r\n`)
      node.write(head)
      node.pipe(socket).pipe(node)
    })
    node.on('error', () => socket.destroy())
    socket.on('error', () => node.destroy())
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
}
