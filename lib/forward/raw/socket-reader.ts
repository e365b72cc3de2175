import type { Socket } from 'node:net'

/** Says that a client left, or was too slow, before it had said what it wants. */
export class ClientGone extends Error {}

/**
 * Reads the first bytes of a connection, a few at a time. What isn't taken stays for the next reader.
 *
 * @param timeoutMs how long all that may take; 0 for no limit
 */
export class SocketReader {
  readonly #socket: Socket
  readonly #timer: NodeJS.Timeout | undefined
  readonly #release: () => unknown
  #wake: () => void = () => {}
  #isTooSlow = false

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket
    if (timeoutMs > 0) this.#timer = setTimeout(() => this.#giveUp(), timeoutMs)
    const wake = () => this.#wake()
    socket.on('readable', wake).on('end', wake).on('close', wake)
    this.#release = () => socket.off('readable', wake).off('end', wake).off('close', wake)
  }

  /** Whether the time was over before all was read. */
  get isTooSlow(): boolean {
    return this.#isTooSlow
  }

  /** Returns the next bytes, that many of them. @throws ClientGone where they don't come */
  async take(length: number): Promise<Buffer> {
    const socket = this.#socket
    for (;;) {
      const bytes = length === 0 ? Buffer.alloc(0) : (socket.read(length) as Buffer | null)
      if (bytes !== null && bytes.length === length) return bytes
      if (bytes !== null || socket.readableEnded || socket.destroyed) throw new ClientGone('the client left')
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  async takeByte(): Promise<number> {
    return (await this.take(1))[0] as number
  }

  /** Returns the bytes before the next 0, which is taken too. @throws ClientGone where there are more of them */
  async takeText(maxLength: number): Promise<string> {
    const bytes: number[] = []
    for (;;) {
      const byte = await this.takeByte()
      if (byte === 0) return Buffer.from(bytes).toString('latin1')
      if (bytes.push(byte) > maxLength) throw new ClientGone('a text is too long')
    }
  }

  /** Gives the connection back. */
  release(): void {
    clearTimeout(this.#timer)
    this.#release()
  }

  #giveUp(): void {
    this.#isTooSlow = true
    this.#socket.destroy()
  }
}
