/** @import { App } from './app.js' */
import { h } from './dom.js'

/**
 * Shows something once it is asked for, and makes it no earlier.
 *
 * @param {App} app
 * @param {string} key its own in the view
 * @param {import('./dom.js').Child} title
 * @param {() => import('./dom.js').Child} content
 */
export function disclosure(app, key, title, content) {
  const toggle = (/** @type {ToggleEvent} */ { currentTarget }) => {
    const { open } = /** @type {HTMLDetailsElement} */ (currentTarget)
    if (open === app.opened.has(key)) return
    if (open) app.opened.add(key)
    else app.opened.delete(key)
    app.render()
  }
  const attributes = { 'data-key': key, ontoggle: toggle }
  return h('details', attributes, h('summary', {}, title), app.opened.has(key) && content())
}
