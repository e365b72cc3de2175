import type { HeaderValue } from './output/response-headers.ts'

/** What goes with a reply. */
export interface ReplyOptions {
  /** Header fields of the response. */
  readonly headers?: Readonly<Record<string, HeaderValue>>
}

/** What an endpoint answers with: a status, a body, header fields. */
export class Reply<Status extends number = number, Body = unknown> {
  readonly status: Status
  /** `undefined` for none. */
  readonly body: Body
  readonly headers: Readonly<Record<string, HeaderValue>>

  /** @internal */
  constructor(status: Status, body: Body, { headers = {} }: ReplyOptions = {}) {
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/**
 * Returns an answer for an endpoint or a middleware to return: a status with a body, which goes out as by `response.write`, or as JSON
 * where the endpoint is declared.
 *
 * @throws ResponseError, when it is written, for a status that isn't from 200 to 599 and for a header field that HTTP forbids
 */
export function reply<const Status extends number>(
  status: Status,
  body?: undefined,
  options?: ReplyOptions,
): Reply<Status, undefined>
export function reply<const Status extends number, Body>(
  status: Status,
  body: Body,
  options?: ReplyOptions,
): Reply<Status, Body>
export function reply(status: number, body?: unknown, options?: ReplyOptions): Reply {
  return new Reply(status, body, options)
}

/** What a reply is written to. */
interface Replied {
  setStatus(status: number): void
  setHeader(name: string, value: HeaderValue): void
  writeResult(result: unknown): void
}

/** Writes status, header fields and body of a reply, that beside what was written before. */
export function writeReply(response: Replied, { status, headers, body }: Reply): void {
  response.setStatus(status)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.writeResult(body)
}
