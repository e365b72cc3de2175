/** Says that the rules of a proxy don't let a connection through. It is answered, and isn't a failure. */
export class Refused extends Error {
  constructor(target: string) {
    super(`the rules don't let a connection to ${target} through`)
  }
}
