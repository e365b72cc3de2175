import { expect } from 'chai'
import type { Server } from 'tribind'
import { bothWays, overHttp1, rawExchange } from './both-ways.ts'

function register(server: Server) {
  const served: string[] = []
  server.bindHandler('/*', ({ url }) => void served.push(url))
  server.bindHookHandler('/*', 'BeforeServe', ({ url }) => void served.push(`hook ${url}`))
  server.bindMiddleware('/*', (request, next) => (served.push(`middleware ${request.url}`), next()))
  return served
}

describe('a request whose head no server may serve', () => {
  for (const url of ['/echo?a=1#&b=2', '/#', '/a#b', '/a%20b#?c', '/?#']) {
    bothWays(`has a fragment and is answered 400: ${url}`, register, async (send, served) => {
      expect((await send({ url })).status).to.equal(400)
      expect(served).to.deep.equal([])
      expect((await send({ url: '/echo?a=1%23&b=2' })).status).to.equal(200)
    })
  }

  const close = 'Host: a\r\nConnection: close\r\n'
  const chunks = '1\r\na\r\n0\r\n\r\n'
  const refused: Record<string, [head: string, status: number]> = {
    'HTTP/2.0': [`GET / HTTP/2.0\r\n${close}\r\n`, 505],
    'HTTP/2.0, keeping its connection': ['GET / HTTP/2.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n', 505],
    'HTTP/0.9 by name': [`GET / HTTP/0.9\r\n${close}\r\n`, 400],
    'HTTP/0.9 by its form': ['GET /\r\n\r\n', 400],
    'gzip, chunked': [`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n${chunks}`, 501],
    'gzip and chunked on two lines': [
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
      501,
    ],
  }
  for (const [what, [text, status]] of Object.entries(refused)) {
    overHttp1(`is answered ${status}, and its connection ends: ${what}`, register, async (_send, served, { port }) => {
      const answers = await rawExchange(port, text + `GET /next HTTP/1.1\r\n${close}\r\n`)
      expect(answers.match(/HTTP\/1\.1 \d+/g)).to.deep.equal([`HTTP/1.1 ${status}`])
      expect(served).to.not.include('/')
    })
  }

  for (const coding of ['chunked', 'Chunked', ' chunked ']) {
    overHttp1(`is not one with the coding "${coding}"`, register, async (_send, served, { port }) => {
      const head = `POST / HTTP/1.1\r\n${close}Transfer-Encoding: ${coding}\r\n\r\n`
      expect(await rawExchange(port, head + chunks)).to.match(/^HTTP\/1\.1 200/)
      expect(served).to.include('/')
    })
  }
})
