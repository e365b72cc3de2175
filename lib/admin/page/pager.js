/** @import { App } from './app.js' */
import { h } from './dom.js'

/**
 * Leads to the other pages of a list.
 *
 * @param {App} app
 * @param {number} total
 * @param {number} perPage
 */
export function pager(app, total, perPage) {
  const pages = Math.max(1, Math.ceil(total / perPage))
  const page = Number(app.query.get('page') ?? 1)
  if (pages === 1 && page === 1) return null
  const button = (/** @type {string} */ text, /** @type {number} */ to) =>
    h('button', { type: 'button', disabled: to < 1 || to > pages, onclick: () => app.ask({ page: String(to) }) }, text)
  return h(
    'nav',
    { class: 'buttons', 'aria-label': 'Pages' },
    button('Previous', page - 1),
    h('span', {}, `Page ${page} of ${pages}`),
    button('Next', page + 1),
  )
}
