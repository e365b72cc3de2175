import { documentView } from './document-view.js'
import { entryPointsView } from './entry-points-view.js'
import { historyView } from './history-view.js'
import { layersView } from './layers-view.js'
import { matchView } from './match-view.js'
import { observersView } from './observers-view.js'
import { providersView } from './providers-view.js'
import { routesView } from './routes-view.js'

/**
 * @typedef {object} View
 * @property {string} path in the address, after `#/`
 * @property {string} title
 * @property {(app: import('./app.js').App, sent: { readonly signal: AbortSignal }) => Promise<any>} load
 * @property {(data: any, app: import('./app.js').App) => import('./dom.js').Child} render
 * @property {boolean} [changesSilently] whether no event tells of some of its changes; default false
 */

/** In the order of the navigation. @type {readonly View[]} */
export const views = [
  entryPointsView,
  routesView,
  matchView,
  providersView,
  documentView,
  historyView,
  layersView,
  observersView,
]

/**
 * Returns the view of a path; the first for any other.
 *
 * @param {string} path
 */
export function viewOf(path) {
  return /** @type {View} */ (views.find((view) => view.path === path) ?? views[0])
}
