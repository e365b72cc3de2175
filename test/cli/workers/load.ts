import { Agent, get } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import { setTimeout } from 'node:timers/promises'
import { WebSocket } from 'ws'

/** Clients that send one request after another, until they are told to end, and note what fails. */
export class Load {
  readonly failures: string[] = []
  answered = 0
  readonly closeCodes: number[] = []
  #isOver = false
  readonly #clients: Promise<void>[] = []

  /** Over kept connections of HTTP/1.1. @param pauseMs the longest pause between two requests */
  keepAlive(port: number, pauseMs: number): this {
    const agent = new Agent({ keepAlive: true })
    return this.#add('HTTP/1.1', async () => {
      await sendHttp(port, agent)
      await setTimeout(Math.random() * pauseMs)
    })
  }

  http2(port: number): this {
    let session: ClientHttp2Session | undefined
    return this.#add(
      'HTTP/2',
      async () => {
        session ??= await openSession(port, () => (session = undefined))
        const all = [1, 2, 3].map(() => sendHttp2(session as ClientHttp2Session))
        await Promise.all(all)
      },
      () => session?.close(),
    )
  }

  /** Opens a WebSocket, and another one when it was closed. */
  webSocket(port: number): this {
    return this.#add('WebSocket', async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`)
      await new Promise<void>((resolve, reject) => {
        const timer = setInterval(() => this.#isOver && socket.readyState === WebSocket.OPEN && socket.close(4000), 20)
        socket.on('error', reject)
        socket.on('close', (code) => {
          clearInterval(timer)
          this.closeCodes.push(code)
          resolve()
        })
      })
    })
  }

  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#clients)
  }

  #add(kind: string, send: () => Promise<void>, close: () => void = () => {}): this {
    const run = async () => {
      while (!this.#isOver) {
        try {
          await send()
          this.answered++
        } catch (error) {
          // A request that was made when the session had ended was never sent.
          if ((error as NodeJS.ErrnoException).code !== 'ERR_HTTP2_GOAWAY_SESSION')
            this.failures.push(`${kind}: ${String(error)}`)
        }
      }
      close()
    }
    this.#clients.push(run())
    return this
  }
}

function sendHttp(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', path: '/slow', agent }, (response) => {
      response
        .resume()
        .on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`))))
      response.on('error', reject)
    })
    request.on('error', reject)
  })
}

function openSession(port: number, onEnd: () => void): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
    session.on('connect', () => resolve(session))
    session.on('goaway', onEnd).on('close', onEnd).on('error', reject)
  })
}

function sendHttp2(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': '/slow' })
    let status = 0
    stream.on('response', (headers) => (status = Number(headers[':status'])))
    stream.resume().on('end', () => (status === 200 ? resolve() : reject(new Error(`${status}`))))
    stream.on('error', reject)
  })
}
