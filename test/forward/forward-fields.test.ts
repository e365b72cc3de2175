import { expect } from 'chai'
import { forward } from 'tribind/forward'
import { closeAfterEach, fieldOf, fieldsOf, openFront, openNode, openScript, statusOf } from './forward-world.ts'

describe('forward: fields', () => {
  closeAfterEach()

  describe('fields that belong to a connection', () => {
    it('are removed from requests, with those that Connection names', async () => {
      const node = await openNode()
      const front = await openFront(node.url)
      const head = [
        'GET / HTTP/1.1',
        'Connection: X-Named, x-other',
        'X-Named: 1',
        'X-Other: 2',
        'X-Stays: 3',
        'Keep-Alive: timeout=9',
        'Proxy-Connection: keep-alive',
        'Proxy-Authorization: Basic eA==',
        'Proxy-Authenticate: Basic',
        'TE: gzip',
        'Upgrade: other/1',
      ]
      expect(statusOf(await front.exchange(head.join('\r\n')))).to.equal(200)
      const { headers } = node.asked[0] as { headers: Record<string, unknown> }
      expect(headers).to.include({ 'x-stays': '3', connection: 'keep-alive' })
      const gone = [
        'x-named',
        'x-other',
        'keep-alive',
        'proxy-connection',
        'proxy-authorization',
        'proxy-authenticate',
        'te',
        'upgrade',
      ]
      expect(Object.keys(headers)).to.not.include.members(gone)
      for (const name of gone) expect(headers).to.not.have.property(name)
    })

    it('are removed from answers, with those that Connection names', async () => {
      const node = await openScript(
        'HTTP/1.1 200 OK\r\nConnection: X-Named\r\nX-Named: 1\r\nX-Stays: 2\r\nKeep-Alive: timeout=77\r\nProxy-Authenticate: Basic\r\n' +
          'Proxy-Connection: x\r\nTE: x\r\nUpgrade: other\r\nContent-Length: 2\r\n\r\nok',
      )
      const front = await openFront(node.url)
      const text = await front.exchange('GET / HTTP/1.1')
      expect(fieldsOf(text)).to.include.members(['X-Stays: 2', 'Content-Length: 2', 'Connection: close'])
      for (const name of ['X-Named', 'Keep-Alive', 'Proxy-Authenticate', 'Proxy-Connection', 'TE', 'Upgrade'])
        expect(fieldOf(text, name), name).to.equal(undefined)
    })

    it("can't be what is added here", async () => {
      const node = await openNode()
      const front = await openFront(node.url)
      await front.exchange(
        'POST / HTTP/1.1\r\nConnection: X-Forwarded-For, Via, Host, Content-Length\r\nContent-Length: 3',
        'abc',
      )
      expect(node.asked[0]).to.include({ body: 'abc' })
      expect(node.asked[0]?.headers).to.include({ host: 'front.test', 'x-forwarded-for': '127.0.0.1' })
      expect(node.asked[0]?.headers.via).to.match(/^1\.1 tribind-/)
    })

    it('keeps trailers in TE', async () => {
      const node = await openNode()
      const front = await openFront(node.url)
      await front.exchange('GET / HTTP/1.1\r\nTE: gzip, trailers')
      expect(node.asked[0]?.headers.te).to.equal('trailers')
    })
  })

  describe('X-Forwarded fields', () => {
    it('replace what an untrusted client says', async () => {
      const node = await openNode()
      const front = await openFront(node.url)
      const spoofed = [
        'X-Forwarded-For: 1.2.3.4',
        'X-Forwarded-Host: evil',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Port: 1',
        'X-Forwarded-User: root',
        'X_Forwarded_For: 1.2.3.4',
        'X-Forwarded_Host: evil',
        'Forwarded: for=1.2.3.4',
      ]
      await front.exchange(['GET / HTTP/1.1', ...spoofed].join('\r\n'))
      const { headers } = node.asked[0] as { headers: Record<string, unknown> }
      expect(headers).to.include({
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': 'front.test',
        'x-forwarded-proto': 'http',
        'x-forwarded-port': '80',
      })
      for (const name of ['x-forwarded-user', 'x_forwarded_for', 'x-forwarded_host', 'forwarded'])
        expect(headers).to.not.have.property(name)
    })

    it('are appended to and kept where the client is trusted', async () => {
      const node = await openNode()
      const front = await openFront(node.url, { trustProxy: 'loopback' })
      await front.exchange(
        'GET / HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Host: shop.test\r\nX-Forwarded-Proto: https\r\nX-Forwarded-User: me\r\nForwarded: for=1.2.3.4',
      )
      expect(node.asked[0]?.headers).to.include({
        'x-forwarded-for': '1.2.3.4, 127.0.0.1',
        'x-forwarded-host': 'shop.test',
        'x-forwarded-proto': 'https',
        'x-forwarded-port': '443',
        'x-forwarded-user': 'me',
        forwarded: 'for=1.2.3.4',
      })
    })

    it('are set where a trusted client has none', async () => {
      const node = await openNode()
      const front = await openFront(node.url, { trustProxy: true })
      await front.exchange('GET / HTTP/1.1')
      expect(node.asked[0]?.headers).to.include({
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': 'front.test',
        'x-forwarded-proto': 'http',
      })
    })
  })

  describe('Via', () => {
    it('is added to, and a request that has passed this server already is 508', async () => {
      const node = await openNode()
      const front = await openFront(node.url)
      await front.exchange('GET / HTTP/1.1\r\nVia: 1.0 first')
      const via = node.asked[0]?.headers.via as string
      expect(via).to.match(/^1\.0 first, 1\.1 tribind-[\w-]+$/)
      expect(statusOf(await front.exchange(`GET / HTTP/1.1\r\nVia: ${via}`))).to.equal(508)
      expect(node.asked).to.have.length(1)
    })

    it('ends a loop', async () => {
      const node = await openNode()
      const front = await openFront({ nodes: [node.url] }, {}, (server, handler) =>
        server.bindHandler('/node/*', handler),
      )
      const loop = await openFront(node.url, {}, (server) => {
        server.bindHandler('/*', (request) => forward(`http://127.0.0.1:${server.port}`)(request))
      })
      expect((await front.get('/node/x')).status).to.equal(200)
      expect((await loop.get('/')).status).to.equal(508)
    })
  })

  describe('Host', () => {
    const hostFor = async (options: object, nodeOptions: object = {}) => {
      const node = await openNode()
      const front = await openFront({ nodes: [{ addr: node.url, ...nodeOptions }], ...options })
      await front.exchange('GET / HTTP/1.1')
      return node.asked[0]?.headers.host?.replace(String(node.port), 'PORT')
    }

    it('is kept, or that of the node, or a text', async () => {
      expect(await hostFor({})).to.equal('front.test')
      expect(await hostFor({ host: 'keep' })).to.equal('front.test')
      expect(await hostFor({ host: 'node' })).to.equal('127.0.0.1:PORT')
      expect(await hostFor({ host: 'inner.test:8080' })).to.equal('inner.test:8080')
      expect(await hostFor({ host: 'inner.test' }, { host: 'node' })).to.equal('127.0.0.1:PORT')
    })

    it('is that of a target in absolute form', async () => {
      const node = await openNode()
      const front = await openFront(node.url)
      await front.exchange('GET http://absolute.test:81/x?y HTTP/1.1')
      expect(node.asked[0]).to.deep.include({ url: '/x?y' })
      expect(node.asked[0]?.headers.host).to.equal('absolute.test:81')
    })
  })
})
