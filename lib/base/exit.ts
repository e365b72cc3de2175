/**
 * Thrown by `exit`, `exitHook` and `exitAll` to leave a function early. It isn't an error.
 *
 * Each reach has one object, made once, so that leaving early costs no stack trace.
 */
export class Exit {
  /** What is left early: the function, all hooks of the event, or everything up to the output. */
  readonly reach: 'function' | 'event' | 'request'

  constructor(reach: Exit['reach']) {
    this.reach = reach
    Object.freeze(this)
  }

  toString(): string {
    return `tribind leaves the ${this.reach} early; this is no error: let it pass`
  }
}

/** Returns whether a thrown value is an `Exit`. A Proxy that throws when it is read isn't one. */
export function isExit(thrown: unknown): thrown is Exit {
  try {
    return thrown instanceof Exit
  } catch {
    return false
  }
}

export const exitFunction: Exit = new Exit('function')
export const exitEvent: Exit = new Exit('event')
export const exitRequest: Exit = new Exit('request')
