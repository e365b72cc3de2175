import { fileURLToPath } from 'node:url'
import { Switch } from '../base/switch.ts'
import { ownFolder } from '../own-folder.ts'
import type { Origin } from '../pipeline/exchange.ts'

/** The registration call under way: the frame below it is that of the application. */
export const registrationCall: Switch<object | undefined> = new Switch<object | undefined>(undefined)

const givenOrigin = new Switch<Origin | undefined>(undefined)

/** Runs a function that binds what comes from elsewhere than a line of code, such as from a document. */
export function bindFrom<T>(origin: Origin, bind: () => T): T {
  const outer = givenOrigin.set(origin)
  try {
    return bind()
  } finally {
    givenOrigin.set(outer)
  }
}

/** Returns where the registration call under way comes from. */
export function captureOrigin(): Origin {
  return givenOrigin.current ?? new CodeOrigin()
}

/** How many frames of the application are kept. Each keeps what the function was called on from being collected. */
const FRAMES = 2

/** The line of the application that bound something. The stack is captured at once and formatted on demand, which is expensive. */
export class CodeOrigin implements Origin {
  readonly stack?: string

  constructor() {
    const call = registrationCall.current
    const limit = Error.stackTraceLimit
    if (call !== undefined) Error.stackTraceLimit = FRAMES
    Error.captureStackTrace(this, (call ?? CodeOrigin) as typeof CodeOrigin)
    Error.stackTraceLimit = limit
  }

  /** Returns the first place outside tribind, such as `/app/routes.ts:12`. */
  toString(): string {
    for (const line of this.stack?.split('\n') ?? []) {
      const [, place] = /^\s*at (?:.*\()?((?:file:\/\/)?[^()]+:\d+):\d+\)?$/.exec(line) ?? []
      if (place === undefined || place.startsWith('node:')) continue
      const path = place.startsWith('file://') ? toPath(place) : place
      if (ownFolder === undefined || !path.startsWith(ownFolder)) return path
    }
    return 'an unknown place'
  }
}

function toPath(place: string): string {
  const colon = place.lastIndexOf(':')
  return fileURLToPath(place.slice(0, colon)) + place.slice(colon)
}
