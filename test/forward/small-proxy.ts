import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { cert, key } from '../feature/key-pair.ts'

/** A proxy of the test suite. It reads what it is sent strictly, and closes the connection without an answer if it isn't right. */
export interface SmallProxy {
  readonly port: number
  readonly addr: string
  /** What it was asked for, in order. */
  readonly asked: readonly Asked[]
  close(): void
}

export interface Asked {
  /** As it was sent, `host:port`. */
  readonly target: string
  /** The address from which the client came. */
  readonly from: string
  /** `user:password` as it was sent. */
  readonly credentials: string | undefined
}

export interface ProxySettings {
  readonly type: 'http' | 'socks5' | 'socks4'
  readonly tls?: boolean
  /** `user:password` that clients must send. */
  readonly credentials?: string
  /** Names that it resolves itself. */
  readonly names?: Readonly<Record<string, string>>
  /** What it sends instead of connecting; `'silence'` is nothing, `'close'` ends the connection. */
  readonly instead?: Buffer | 'silence' | 'close'
  /** What it does on connection, before it reads anything; `'close'` ends the connection. */
  readonly greet?: Buffer | 'close'
}

/** A request of a client, and the bytes that say it was carried out or refused. */
interface Wish {
  readonly asked: Asked
  readonly granted: Buffer
  readonly refused: Buffer
  readonly rest: Buffer
}

export async function openProxy(settings: ProxySettings): Promise<SmallProxy> {
  const asked: Asked[] = []
  const sockets = new Set<Socket>()
  const serve = (client: Socket) => {
    sockets.add(client)
    client.on('error', () => {}).once('close', () => sockets.delete(client))
    if (settings.greet === 'close') return void client.destroy()
    if (settings.greet !== undefined) client.write(settings.greet)
    readers[settings.type](client, settings).then(
      (wish) => {
        asked.push(wish.asked)
        carryOut(client, wish, settings, sockets)
      },
      () => client.destroy(),
    )
  }
  const server = settings.tls
    ? createTlsServer({ key, cert, allowHalfOpen: true }, serve)
    : createServer({ allowHalfOpen: true }, serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { port, addr: `127.0.0.1:${port}`, asked, close }
}

function carryOut(client: Socket, wish: Wish, { instead, names = {} }: ProxySettings, sockets: Set<Socket>): void {
  if (instead === 'silence') return
  if (instead === 'close') return void client.end()
  if (instead !== undefined) return void client.write(instead)
  const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(wish.asked.target) ?? []
  const upstream = connect({ host: names[host] ?? host, port: Number(port), allowHalfOpen: true })
  sockets.add(upstream)
  let isConnected = false
  upstream.once('connect', () => {
    isConnected = true
    client.write(wish.granted)
    upstream.write(wish.rest)
    client.pipe(upstream).pipe(client)
  })
  upstream.on('error', () => (isConnected ? client.destroy() : client.end(wish.refused)))
  upstream.once('close', () => sockets.delete(upstream))
  client.once('close', () => upstream.destroy())
}

/** Reads bytes as they are asked for. */
class Bytes {
  rest = Buffer.alloc(0)
  readonly #chunks: AsyncIterator<Buffer>

  constructor(socket: Socket) {
    this.#chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  }

  async take(length: number): Promise<Buffer> {
    while (this.rest.length < length) await this.more()
    const taken = this.rest.subarray(0, length)
    this.rest = this.rest.subarray(length)
    return taken
  }

  async until(end: string): Promise<string> {
    while (!this.rest.includes(end)) await this.more()
    return (await this.take(this.rest.indexOf(end) + end.length)).toString('latin1')
  }

  async more(): Promise<void> {
    const { value, done } = await this.#chunks.next()
    if (done === true) throw new Error('closed')
    this.rest = Buffer.concat([this.rest, value])
  }

  /** What was read and not taken, and the socket free for others. */
  async leave(): Promise<Buffer> {
    await this.#chunks.return?.()
    return this.rest
  }
}

const readers: Readonly<Record<ProxySettings['type'], (client: Socket, settings: ProxySettings) => Promise<Wish>>> = {
  http: async (client, { credentials }) => {
    const bytes = new Bytes(client)
    const head = await bytes.until('\r\n\r\n')
    const [, target, host] = /^CONNECT (\S+:\d+) HTTP\/1\.1\r\nHost: (\S+)\r\n/.exec(head) ?? []
    const [, sent] = /\r\nProxy-Authorization: Basic ([\w+/=]+)\r\n/.exec(head) ?? []
    const given = sent === undefined ? undefined : Buffer.from(sent, 'base64').toString()
    if (target === undefined || target !== host) throw new Error('bad request')
    if (given !== credentials) {
      client.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n',
      )
      throw new Error('credentials')
    }
    return {
      asked: { target, from: client.remoteAddress as string, credentials: given },
      granted: Buffer.from('HTTP/1.1 200 Connection established\r\nContent-Length: 0\r\n\r\n'),
      refused: Buffer.from('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno\n'),
      rest: await bytes.leave(),
    }
  },
  socks5: async (client, { credentials }) => {
    const bytes = new Bytes(client)
    const [version, count = 0] = await bytes.take(2)
    const methods = [...(await bytes.take(count))]
    const method = credentials === undefined ? 0 : 2
    if (version !== 5) throw new Error('version')
    if (!methods.includes(method)) {
      client.end(Buffer.from([5, 0xff]))
      throw new Error('no method')
    }
    client.write(Buffer.from([5, method]))
    let given: string | undefined
    if (method === 2) {
      const text = async () => (await bytes.take((await bytes.take(1))[0] as number)).toString()
      if ((await bytes.take(1))[0] !== 1) throw new Error('version')
      given = `${await text()}:${await text()}`
      client.write(Buffer.from([1, given === credentials ? 0 : 1]))
      if (given !== credentials) throw new Error('credentials')
    }
    const [five, command, zero, kind] = await bytes.take(4)
    if (five !== 5 || command !== 1 || zero !== 0) throw new Error('bad request')
    const host = await readHost(bytes, kind)
    const port = (await bytes.take(2)).readUInt16BE()
    const reply = (code: number) => Buffer.from([5, code, 0, 3, 2, 0x61, 0x62, 0, 0])
    const asked = { target: `${host}:${port}`, from: client.remoteAddress as string, credentials: given }
    return { asked, granted: reply(0), refused: reply(5), rest: await bytes.leave() }
  },
  socks4: async (client, { credentials }) => {
    const bytes = new Bytes(client)
    const [version, command] = await bytes.take(2)
    if (version !== 4 || command !== 1) throw new Error('bad request')
    const port = (await bytes.take(2)).readUInt16BE()
    const address = (await bytes.take(4)).join('.')
    const user = (await bytes.until('\0')).slice(0, -1)
    const isName = /^0\.0\.0\.[1-9]/.test(address)
    const host = isName ? (await bytes.until('\0')).slice(0, -1) : address
    const reply = (code: number) => Buffer.from([0, code, 0, 0, 0, 0, 0, 0])
    if (credentials !== undefined && credentials !== user) {
      client.end(reply(0x5d))
      throw new Error('credentials')
    }
    const asked = { target: `${host}:${port}`, from: client.remoteAddress as string, credentials: user || undefined }
    return { asked, granted: reply(0x5a), refused: reply(0x5b), rest: await bytes.leave() }
  },
}

async function readHost(bytes: Bytes, kind: number | undefined): Promise<string> {
  if (kind === 1) return (await bytes.take(4)).join('.')
  if (kind === 3) return (await bytes.take((await bytes.take(1))[0] as number)).toString()
  if (kind !== 4) throw new Error('kind of address')
  const groups = (await bytes.take(16)).toString('hex').match(/.{4}/g) ?? []
  return `[${groups.map((group) => group.replace(/^0{1,3}/, '')).join(':')}]`
}
