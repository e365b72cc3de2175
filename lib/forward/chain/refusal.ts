/** Says that a proxy works, and doesn't connect to what it was asked for. It has the code that a socket's error has for the same. */
export class Refusal extends Error {
  readonly code: RefusalCode | undefined

  constructor(message: string, code: RefusalCode | undefined, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export type RefusalCode = 'ECONNREFUSED' | 'EHOSTUNREACH' | 'ENETUNREACH' | 'ETIMEDOUT' | 'EACCES' | 'ENOTFOUND'
