import { type AddressInfo, createServer, type Socket } from 'node:net'

/** A target of connections: it greets whoever comes with what it sees of them, and sends back what it is sent. */
export interface EchoTarget {
  readonly port: number
  /** The addresses from which clients came, in order. */
  readonly from: readonly (string | undefined)[]
  close(): void
}

export async function openEcho(host = '127.0.0.1', greeting = 'hello '): Promise<EchoTarget> {
  const from: (string | undefined)[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    from.push(socket.remoteAddress)
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    socket.write(greeting)
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { port: (server.address() as AddressInfo).port, from, close }
}

/** Sends a text over a connection, and resolves to all that came back when that text has. Closes the connection. */
export function converse(socket: Socket, text = 'and back'): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const fail = () => reject(new Error(`the connection was closed after "${received}"`))
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString()
      if (!received.endsWith(text)) return
      socket.off('close', fail).destroy()
      resolve(received)
    })
    socket.once('error', reject).once('close', fail)
    socket.write(text)
  })
}
