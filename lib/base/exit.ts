/**
 * What `exit`, `exitHook` and `exitAll` throw: no error, but the way out of a function that doesn't return.
 *
 * There is one object for each reach, made once: leaving early costs no stack trace.
 */
export class Exit {
  /** What is left: the function, all hooks of the event, or everything up to the output. */
  readonly reach: 'function' | 'event' | 'request'

  constructor(reach: Exit['reach']) {
    this.reach = reach
    Object.freeze(this)
  }

  toString(): string {
    return `tribind leaves the ${this.reach} early; this is no error: let it pass`
  }
}

/** Whether what was thrown is an exit; a Proxy that throws when it is looked at is none. */
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
