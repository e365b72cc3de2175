import { h } from './dom.js'

/** How a state looks; one that isn't here looks neutral. */
const looks = /** @type {Readonly<Record<string, string>>} */ ({
  ready: 'good',
  ok: 'good',
  enabled: 'good',
  up: 'good',
  running: 'wait',
  starting: 'wait',
  stale: 'wait',
  warning: 'wait',
  draining: 'wait',
  failed: 'bad',
  disabled: 'bad',
  down: 'bad',
  refused: 'bad',
})

/**
 * Shows a state, by its word and by a colour.
 *
 * @param {string} state
 */
export function badge(state) {
  return h('span', { class: `badge ${looks[state] ?? 'plain'}` }, state)
}
