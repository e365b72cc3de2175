import { spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'

/** A port at which connections are neither accepted nor refused: the process that listens there does nothing else, and its queue is full. */
export interface DeafListener {
  readonly port: number
  close(): void
}

const program = `
  const server = require('node:net').createServer()
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })
`

const QUEUE = 4

export async function listenDeaf(): Promise<DeafListener> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<number>((resolve) => child.stdout.once('data', (text) => resolve(Number(text))))
  const waiting: Socket[] = Array.from({ length: QUEUE }, () => connect(port, '127.0.0.1').on('error', () => {}))
  // The last of them never connects.
  await new Promise((resolve) => waiting[0]?.once('connect', resolve))
  const close = () => {
    for (const socket of waiting) socket.destroy()
    child.kill('SIGKILL')
  }
  return { port, close }
}
