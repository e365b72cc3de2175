import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { gate, rejected, sendToPort } from './both-ways.ts'
import { sendOverTls } from './clients.ts'
import { local, portAt, start, stopAll } from './entry-point-world.ts'
import { cert, files } from './key-pair.ts'

const hello = (server: Server) => server.get('/', () => 'hello')

/** The address of an entry point, as it is bound. */
const addressOf = (server: Server, name: string) => String(server.entryPoint(name).addresses[0])

describe('replaceEntryPoint at the same address, with TLS', () => {
  afterEach(stopAll)

  it('goes over to TLS, to HTTP/2 and back', async () => {
    const server = await start({ entryPoints: { web: local } }, (s) => s.get('/', ({ protocol }) => protocol))
    const [address, port] = [addressOf(server, 'web'), portAt(server, 'web')]
    await server.replaceEntryPoint('web', { address, https: files })
    expect((await sendOverTls(port)('/')).text).to.equal('https')
    await server.replaceEntryPoint('web', { address, https: files, http2: true })
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca: cert })
    const [headers] = (await once(session.request({ ':path': '/' }), 'response')) as [Record<string, unknown>]
    expect(headers[':status']).to.equal(200)
    session.destroy()
    expect((await sendOverTls(port)('/')).text).to.equal('https')
    await server.replaceEntryPoint('web', address)
    expect((await sendToPort(port)('/')).text).to.equal('http')
    expect(addressOf(server, 'web')).to.equal(address)
  })

  it('lets an HTTP/2 stream end that is under way', async () => {
    const [entered, go] = [gate(), gate()]
    const server = await start({ entryPoints: { web: { address: local, https: files, http2: true } } }, (s) =>
      s.get('/', async () => {
        entered.open()
        await go.opened
        return 'late'
      }),
    )
    const session = http2.connect(`https://127.0.0.1:${portAt(server, 'web')}`, { ca: cert })
    const stream = session.request({ ':path': '/' }).setEncoding('utf8')
    let text = ''
    stream.on('data', (chunk: string) => (text += chunk))
    await entered.opened
    await server.replaceEntryPoint('web', { address: addressOf(server, 'web'), https: files, http2: true })
    go.open()
    await once(stream, 'close')
    expect(text).to.equal('late')
    await once(session, 'close')
  })

  it('goes on with a handshake that had begun', async () => {
    const server = await start({ entryPoints: { web: { address: local, https: files } } }, hello)
    const port = portAt(server, 'web')
    const raw = net.connect(port, '127.0.0.1')
    await once(raw, 'connect')
    await sendOverTls(port)('/')
    await server.replaceEntryPoint('web', { address: addressOf(server, 'web'), https: files })
    await new Promise((resolve) => setTimeout(resolve, 150))
    const client = tls.connect({ socket: raw, ca: cert, servername: 'localhost' })
    await once(client, 'secureConnect')
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    let text = ''
    client.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
    await once(client, 'close')
    expect(text).to.match(/^HTTP\/1\.1 200 OK[^]*hello$/)
  })

  it('keeps its TLS certificate up to date afterwards, and ends with the server', async () => {
    const server = await start({ entryPoints: { web: { address: local, https: files } } }, hello)
    const port = portAt(server, 'web')
    await server.replaceEntryPoint('web', { address: addressOf(server, 'web'), https: files })
    expect((await sendOverTls(port)('/')).text).to.equal('hello')
    await server.stop()
    expect(await rejected(sendOverTls(port)('/'))).to.include({ code: 'ECONNREFUSED' })
  })
})
