import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import fc from 'fast-check'
import { type ConnectorType, createChain } from 'tribind/forward'

/** What a proxy of each kind sends: the answers to one message after the other. */
const answers: Readonly<Record<'http' | 'socks5' | 'socks4', readonly Buffer[]>> = {
  http: [Buffer.from('HTTP/1.1 102 Wait\r\n\r\nHTTP/1.0 200 \r\nX-Proxy: small\r\n\r\n')],
  socks5: [Buffer.from([5, 2]), Buffer.from([1, 0]), Buffer.from([5, 0, 0, 3, 3, 97, 98, 99, 0, 80])],
  socks4: [Buffer.from([0, 0x5a, 0, 0, 0, 0, 0, 0])],
}

describe('the answers of proxies in pieces', () => {
  let server: Server
  let port: number
  let script: readonly (readonly Buffer[])[] = []

  before((done) => {
    server = createServer({ noDelay: true }, (socket) => {
      let turn = 0
      socket.on('error', () => {}).on('data', () => void send(socket, script[turn++] ?? []))
    })
    server.listen(0, '127.0.0.1', () => {
      port = (server.address() as AddressInfo).port
      done()
    })
  })
  after(() => server.close())

  async function send(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
    for (const piece of pieces) {
      socket.write(piece)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  for (const [type, messages] of Object.entries(answers))
    it(`are read as the whole would be: ${type}`, async () => {
      const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 12 })
      const tail = fc.string({ minLength: 1, maxLength: 20, unit: 'binary-ascii' })
      await fc.assert(
        fc.asyncProperty(cuts, tail, async (cuts, tail) => {
          const last = Buffer.concat([messages.at(-1) as Buffer, Buffer.from(tail)])
          script = [...messages.slice(0, -1), last].map((message) => cut(message, cuts))
          const connector = { type: type as ConnectorType, ...(type === 'socks5' && { auth: { username: 'ann' } }) }
          const chain = createChain({ hops: [{ nodes: [{ addr: `:${port}`, connector }] }] })
          const socket = await chain.connect({ host: 'example.org', port: 80 })
          expect(await receive(socket, tail.length)).to.equal(tail)
        }),
        { numRuns: 40 },
      )
    })
})

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length]
  return places
    .slice(1)
    .map((place, i) => bytes.subarray(places[i], place))
    .filter(({ length }) => length > 0)
}

function receive(socket: Socket, length: number): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.length < length) return
      socket.destroy()
      resolve(text)
    })
  })
}
