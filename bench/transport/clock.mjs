// What is made once a second for all responses and connections, while there is anyone to use it.

const dateOf = () => new Date().toUTCString()

export class Clock {
  /** In milliseconds, as of the last look; good enough for timeouts of seconds. */
  now = performance.now()
  #date = ''
  #renew

  get date() {
    if (this.#renew === undefined) {
      this.#date = dateOf()
      // It would be late by up to a second otherwise.
      this.#renew = setTimeout(() => (this.#renew = undefined), 1000 - (Date.now() % 1000)).unref()
    }
    return this.#date
  }
}
