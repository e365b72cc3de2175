import type { RequestFamilies } from './request-families.ts'

/** What is counted of a request. */
export interface CountedRequest {
  readonly method: string
  /** The status, or `none` where no answer went out. */
  readonly code: string
  readonly isError: boolean
  readonly seconds: number
}

/** The series of one route at one entry point. */
export class RouteSeries {
  readonly #families: RequestFamilies
  readonly #labels: { readonly entry_point: string; readonly route: string }
  readonly #duration: { observe(seconds: number): void }
  readonly #errors: { inc(value?: number): void }
  /** By method and status. */
  readonly #requests = new Map<string, { readonly counter: { inc(): void }; readonly labels: Record<string, string> }>()

  constructor(families: RequestFamilies, entryPoint: string, route: string) {
    this.#families = families
    this.#labels = { entry_point: entryPoint, route }
    this.#duration = families.durations.labels(this.#labels)
    this.#errors = families.errors.labels(this.#labels)
    // A rate can be taken from the first error on.
    this.#errors.inc(0)
  }

  count({ method, code, isError, seconds }: CountedRequest): void {
    this.#requestsOf(method, code).counter.inc()
    this.#duration.observe(seconds)
    if (isError) this.#errors.inc()
  }

  /** Ends all of them. */
  remove(): void {
    for (const { labels } of this.#requests.values()) this.#families.requests.remove(labels)
    this.#families.durations.remove(this.#labels)
    this.#families.errors.remove(this.#labels)
  }

  #requestsOf(method: string, code: string) {
    const key = `${method} ${code}`
    let known = this.#requests.get(key)
    if (known === undefined) {
      const labels = { ...this.#labels, method, code }
      known = { counter: this.#families.requests.labels(labels), labels }
      this.#requests.set(key, known)
    }
    return known
  }
}
