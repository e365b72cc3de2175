/** @import { Api, Problem } from './api.js' */
import { Actions } from './actions.js'
import { announce } from './announce.js'
import { h, patch } from './dom.js'
import { EventReader } from './event-reader.js'
import { header } from './header.js'
import { login } from './login.js'
import { Rates, samplePeriod } from './rates.js'
import { viewOf } from './views.js'

const TICK_MS = 1000
/** Events tell of most changes. */
const RELOAD_MS = 5000
/** Events come in groups. */
const GROUP_MS = 150

/** The page: the view that the address names, loaded again when something changes. */
export class App {
  api
  actions = new Actions(() => this.render())
  rates = new Rates()
  query = new URLSearchParams()
  /** What is disclosed in the view. @type {Set<string>} */
  opened = new Set()
  /** What the server says of itself in numbers. @type {any} */
  overview
  /** When what is shown was loaded. @type {number | undefined} */
  loadedAt
  #events
  #view = viewOf('')
  /** @type {any} */
  #data
  /** @type {string | undefined} */
  #error
  #loading = new AbortController()
  #isStarted = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #planned
  #main = /** @type {Element} */ (document.getElementById('main'))

  /** @param {Api} api */
  constructor(api) {
    this.api = api
    this.#events = new EventReader(api, {
      event: (event) => this.#take(event),
      connection: () => this.#tellConnection(),
    })
  }

  get connection() {
    return this.#events.connection
  }

  get view() {
    return this.#view
  }

  /** Asks for the token where one is needed, and shows the view. */
  async start() {
    const problem = await this.api.get('api/version').then(
      () => undefined,
      (error) => /** @type {Problem} */ (error),
    )
    if (problem?.status === 401) await this.#signIn(this.api.hasToken ? problem.message : undefined)
    this.api.onRefused = ({ message }) => void this.#restart(message)
    window.addEventListener('hashchange', () => void this.#navigate())
    document.addEventListener('visibilitychange', () => void this.reload())
    setInterval(() => document.hidden || !this.#isStarted || this.render(), TICK_MS)
    setInterval(() => this.#view.changesSilently && this.connection.isLive && void this.reload(), RELOAD_MS)
    setInterval(() => this.connection.isLive && this.rates.sample(), samplePeriod)
    // A page that was loaded is read from its beginning.
    this.#run({ takesFocus: problem?.status === 401 })
  }

  /** Forgets the token. */
  signOut() {
    void this.#restart(undefined)
  }

  /** Loads the view again. */
  async reload() {
    if (!this.#isStarted || document.hidden) return
    this.#loading.abort()
    const { signal } = (this.#loading = new AbortController())
    try {
      const sent = { signal }
      const [overview, data] = await Promise.all([this.api.get('api/overview', sent), this.#view.load(this, sent)])
      if (signal.aborted) return
      this.overview = overview.data
      this.#data = data
      this.loadedAt = Date.now()
      this.#error = undefined
    } catch (error) {
      if (signal.aborted) return
      this.#error = /** @type {Error} */ (error).message
    }
    this.render()
  }

  /**
   * Changes a part of the address, such as the page of a list. A text that is empty takes it away.
   *
   * @param {Record<string, string>} changes
   */
  ask(changes) {
    const query = new URLSearchParams(this.query)
    for (const [name, value] of Object.entries(changes)) {
      if (value === '') query.delete(name)
      else query.set(name, value)
    }
    const search = query.size === 0 ? '' : `?${query}`
    location.hash = `#/${this.#view.path}${search}`
  }

  /** @param {{ readonly takesFocus: boolean }} options */
  #run(options) {
    this.#isStarted = true
    void this.#events.start()
    void this.#navigate(options)
  }

  /** @param {string | undefined} why */
  async #restart(why) {
    if (!this.#isStarted) return
    this.#isStarted = false
    this.#events.stop()
    this.#loading.abort()
    this.api.forgetToken()
    await this.#signIn(why)
    this.#run({ takesFocus: true })
  }

  /** @param {string | undefined} why */
  async #signIn(why) {
    document.title = 'Sign in – tribind administration'
    patch(/** @type {Element} */ (document.getElementById('header')))
    await login(this.#main, this.api, why)
  }

  /** @param {{ readonly takesFocus: boolean }} [options] */
  async #navigate({ takesFocus } = { takesFocus: true }) {
    const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?', 2)
    const view = viewOf(path)
    const isOther = view !== this.#view || this.#data === undefined
    this.query = new URLSearchParams(search)
    this.#view = view
    if (isOther) {
      this.#data = undefined
      this.#error = undefined
      this.actions.clear()
      this.opened.clear()
      document.title = `${view.title} – tribind administration`
      this.render()
    }
    await this.reload()
    if (isOther && takesFocus) this.#main.querySelector('h1')?.focus()
  }

  /** @param {import('./event-reader.js').ServerEvent} event */
  #take({ name, data }) {
    if (name === 'stats') this.rates.note(data.name, data.stats)
    else this.#planReload()
  }

  #planReload() {
    if (this.#planned !== undefined) return
    this.#planned = setTimeout(() => {
      this.#planned = undefined
      void this.reload()
    }, GROUP_MS)
  }

  #tellConnection() {
    const { isLive } = this.connection
    announce(isLive ? 'Connected' : 'The connection is lost')
    if (isLive) {
      this.rates.clear()
      void this.reload()
    }
    this.render()
  }

  /** Shows what was loaded. */
  render() {
    if (!this.#isStarted) return
    patch(/** @type {Element} */ (document.getElementById('header')), header(this))
    patch(
      this.#main,
      h('h1', { tabindex: '-1', 'data-key': this.#view.path }, this.#view.title),
      this.#error !== undefined && h('p', { class: 'result failed', role: 'alert' }, this.#error),
      this.#data === undefined
        ? this.#error === undefined && h('p', { class: 'quiet' }, 'Loading…')
        : h('div', { class: 'view', 'data-key': `view ${this.#view.path}` }, this.#view.render(this.#data, this)),
    )
  }
}
