import type { ServerResponse } from 'node:http'
import type { Transform } from 'node:stream'
import { buffer } from 'node:stream/consumers'

/** A body that is about to go out. */
export interface OutgoingBody {
  /** Its media type where the application set none. */
  readonly type: string | undefined
  /** In bytes; `undefined` for one that is streamed. */
  readonly length: number | undefined
}

/**
 * Chooses what a body goes through on its way out; `undefined` where it goes out as it is.
 *
 * It is asked once, when nothing else changes the response any more, and may change header fields.
 */
export type ChooseEncoder = (body: OutgoingBody) => (() => Transform) | undefined

/** Encodes content that is there as a whole. */
export function encodeWhole(content: string | Uint8Array, encoder: Transform): Promise<Buffer> {
  encoder.end(content)
  return buffer(encoder)
}

/** Puts an encoder before a response: what is written to it goes out encoded, and its end ends the response. */
export function encodeInto(raw: ServerResponse, encoder: Transform): Transform {
  // Whatever ends one of them ends the other: no half an encoding looks whole, no encoder outlives its client.
  encoder.once('error', () => raw.destroy())
  if (raw.closed) encoder.destroy()
  else raw.once('close', () => encoder.destroy())
  encoder.pipe(raw)
  return encoder
}
