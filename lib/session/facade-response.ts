/** What express-session sees of a response: it takes one header field, and tells when the session is saved. */
export class FacadeResponse {
  /** Tells express-session that the head has gone out. */
  readonly _header = true
  readonly #fields = new Map<string, string[]>()
  ended: () => void = () => {}

  getHeader(name: string): string[] | undefined {
    return this.#fields.get(name.toLowerCase())
  }

  setHeader(name: string, value: string | string[]): void {
    this.#fields.set(name.toLowerCase(), [value].flat())
  }

  writeHead(_status: number): void {}

  write(): boolean {
    return true
  }

  end(): void {
    this.ended()
  }
}
