import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of `node:http` that answers each request with the address and port at which it sees its client. */
export interface AddressTeller {
  readonly port: number
  close(): void
}

export function tellAddress(host = '127.0.0.1'): Promise<AddressTeller> {
  const server = http.createServer((request, response) => {
    const { remoteAddress, remotePort } = request.socket
    response.end(`${remoteAddress} ${remotePort}`)
  })
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, () => resolve({ port: (server.address() as AddressInfo).port, close }))
  })
}

/** What a server answers to a GET by `node:http`. */
export function askThrough(agent: http.Agent, port: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host, port, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(text)).on('error', reject)
    })
    request.on('error', reject)
  })
}
