import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { thrownBy, bothWays, overHttp1 } from './both-ways.ts'

describe('request.web', () => {
  bothWays(
    'is the request as fetch knows it',
    (server) => {
      server.bindHandler('/*', async (request) => {
        const { web } = request
        const { method, url, headers } = web
        expect(request.web).to.equal(web)
        const text = await web.text()
        return { method, url, x: headers.get('x-list'), names: [...headers.keys()], text }
      })
    },
    async (send, _world, { isSecure }) => {
      const host = 'shop.example:8080'
      const headers = { 'x-list': 'a, b', 'content-type': 'text/plain' }
      const origin = `${isSecure ? 'https' : 'http'}://${host}`
      const posted = JSON.parse((await send({ method: 'POST', url: '/a%20b?c=d', host, headers, body: 'grün' })).text)
      expect(posted).to.include({ method: 'POST', url: `${origin}/a%20b?c=d`, x: 'a, b', text: 'grün' })
      expect(posted.names.filter((name: string) => name.startsWith(':'))).to.deep.equal([])
      const got = JSON.parse((await send({ url: '/', host })).text)
      expect(got).to.include({ method: 'GET', url: `${origin}/`, text: '' })
    },
  )

  bothWays(
    'has a body that is inflated and limited, and leaves it where it is not read',
    (server) => {
      server.post('/web', async ({ web }) => [web.headers.get('content-encoding'), await web.text()])
      server.post('/own', async (request) => [request.web.method, await request.text()])
      server.post('/both', async (request) => {
        await request.web.text()
        const error = await request.text().catch((cause: Error) => cause)
        return error instanceof Error ? error.name : 'read twice'
      })
    },
    async (send) => {
      const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain' }
      const body = gzipSync('a'.repeat(50))
      const ask = async (url: string) => (await send({ method: 'POST', url, headers, body })).text
      expect(JSON.parse(await ask('/web'))).to.deep.equal([null, 'a'.repeat(50)])
      expect(JSON.parse(await ask('/own'))).to.deep.equal(['POST', 'a'.repeat(50)])
      expect(await ask('/both')).to.equal('StateError')
      const large = await send({ method: 'POST', url: '/web', body: 'a'.repeat(200) })
      expect(large.status).to.equal(413)
    },
    { maxBodySize: 100 },
  )

  overHttp1(
    'cannot be a TRACE',
    (server) => server.bindHandler('TRACE:/', (request) => thrownBy(() => request.web).name),
    async (send) => expect((await send({ method: 'TRACE', url: '/' })).text).to.equal('TypeError') && undefined,
  )
})
