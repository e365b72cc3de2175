import { fileURLToPath } from 'node:url'
import { ownFolder } from '../own-folder.ts'
import type { Origin } from '../pipeline/exchange.ts'

/** The line of the application that bound something. The stack is captured at once and formatted on demand, which is expensive. */
export class CodeOrigin implements Origin {
  readonly stack?: string

  constructor() {
    Error.captureStackTrace(this, CodeOrigin)
  }

  /** Returns the first place outside tribind, such as `/app/routes.ts:12`. */
  toString(): string {
    for (const line of this.stack?.split('\n') ?? []) {
      const [, place] = /^\s*at (?:.*\()?((?:file:\/\/)?[^()]+:\d+):\d+\)?$/.exec(line) ?? []
      if (place === undefined || place.startsWith('node:')) continue
      const path = place.startsWith('file://') ? toPath(place) : place
      if (!path.startsWith(ownFolder)) return path
    }
    return 'an unknown place'
  }
}

function toPath(place: string): string {
  const colon = place.lastIndexOf(':')
  return fileURLToPath(place.slice(0, colon)) + place.slice(colon)
}
