/** @typedef {{ readonly path: string, readonly message: string }} Issue */
/** @typedef {{ readonly query?: Record<string, string | number>, readonly body?: unknown, readonly etag?: string, readonly signal?: AbortSignal }} Sent */
/** @typedef {{ readonly data: any, readonly total: number, readonly etag: string | undefined }} Answer */

const KEY = 'tribind-administration-token'

/** An error that the server has answered, or that kept it from answering. */
export class Problem extends Error {
  /**
   * @param {number} status 0 where there was no answer
   * @param {string} message
   * @param {readonly Issue[]} [issues]
   */
  constructor(status, message, issues = []) {
    super(message)
    this.status = status
    this.issues = issues
  }
}

/** The API of the administration. Its paths are relative, so that it is found below any prefix. */
export class Api {
  /** Of this tab alone, and until it is closed. */
  #token = sessionStorage.getItem(KEY) ?? undefined
  /** Called when the token is refused. @type {(problem: Problem) => void} */
  onRefused = () => {}

  get hasToken() {
    return this.#token !== undefined
  }

  /** @param {string} token */
  setToken(token) {
    this.#token = token
    sessionStorage.setItem(KEY, token)
  }

  forgetToken() {
    this.#token = undefined
    sessionStorage.removeItem(KEY)
  }

  /**
   * @param {string} path such as `api/overview`
   * @param {Sent} [sent]
   * @returns {Promise<Answer>}
   * @throws {Problem}
   */
  get(path, sent) {
    return this.send('GET', path, sent)
  }

  /**
   * Sends a request, and reads the answer.
   *
   * @param {string} method
   * @param {string} path
   * @param {Sent} [sent]
   * @returns {Promise<Answer>}
   * @throws {Problem}
   */
  async send(method, path, { query = {}, body, etag, signal } = {}) {
    const texts = Object.entries(query).filter(([, value]) => value !== '')
    const search =
      texts.length === 0 ? '' : `?${new URLSearchParams(texts.map(([name, value]) => [name, String(value)]))}`
    const response = await this.open(path + search, {
      method,
      headers: {
        ...(method !== 'GET' && { 'Content-Type': 'application/json' }),
        ...(etag !== undefined && { 'If-Match': etag }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    })
    const data = await readJson(response)
    const total = Number(response.headers.get('x-total-count') ?? NaN)
    return { data, total, etag: response.headers.get('etag') ?? undefined }
  }

  /**
   * Sends a request with the token. What it resolves to isn't read yet.
   *
   * @param {string} path
   * @param {RequestInit} init
   * @throws {Problem}
   */
  async open(path, init) {
    const authorization = this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }
    const given = { ...init, headers: { ...init.headers, ...authorization }, cache: /** @type {const} */ ('no-store') }
    const response = await fetch(path, given).catch((error) => {
      if (init.signal?.aborted) throw error
      throw new Problem(0, 'The server does not answer')
    })
    if (response.ok) return response
    const { message, issues } = await readJson(response).catch(() => ({ message: response.statusText, issues: [] }))
    const problem = new Problem(response.status, String(message ?? response.status), issues)
    if (response.status === 401) this.onRefused(problem)
    throw problem
  }
}

/** @param {Response} response */
async function readJson(response) {
  const text = await response.text()
  return text === '' ? undefined : JSON.parse(text)
}
