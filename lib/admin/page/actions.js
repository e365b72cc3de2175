/** @import { Issue } from './api.js' */
import { announce } from './announce.js'
import { Problem } from './api.js'
import { h } from './dom.js'
import { issueList } from './issue-list.js'

/** @typedef {{ readonly text: string, readonly state: 'busy' | 'done' | 'failed', readonly issues: readonly Issue[] }} Result */

/** What was asked for, and what became of it, each shown where it was asked. */
export class Actions {
  /** @type {Map<string, Result>} */
  #results = new Map()
  #changed

  /** @param {() => void} changed called with each result */
  constructor(changed) {
    this.#changed = changed
  }

  /**
   * Does something, and shows what it resolves to, or its error.
   *
   * @param {string} key where it is shown
   * @param {() => Promise<string>} action resolves to what was done
   * @returns {Promise<boolean>} whether it was
   */
  async run(key, action) {
    this.#set(key, { text: 'One moment…', state: 'busy', issues: [] })
    try {
      this.#set(key, { text: await action(), state: 'done', issues: [] })
      return true
    } catch (error) {
      const { message } = /** @type {Error} */ (error)
      this.#set(key, { text: message, state: 'failed', issues: error instanceof Problem ? error.issues : [] })
      return false
    }
  }

  /** Forgets what is no longer asked. */
  clear() {
    this.#results.clear()
  }

  /**
   * Shows the result of what was asked last.
   *
   * @param {string} key
   * @param {boolean} [withIssues]
   */
  show(key, withIssues = true) {
    const result = this.#results.get(key)
    if (result === undefined) return null
    const { text, state, issues } = result
    return h('div', { class: `result ${state}` }, h('p', {}, text), withIssues && issueList(issues))
  }

  /** @param {string} key */
  issuesOf(key) {
    return this.#results.get(key)?.issues ?? []
  }

  /**
   * @param {string} key
   * @param {Result} result
   */
  #set(key, result) {
    this.#results.set(key, result)
    if (result.state !== 'busy') announce(result.text)
    this.#changed()
  }
}
