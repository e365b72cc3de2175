import { findDifferences } from './differences.js'
import { h } from './dom.js'
import { toJson } from './json-block.js'

/**
 * Shows what differs between two values of JSON.
 *
 * @param {unknown} before
 * @param {unknown} after
 */
export function differenceList(before, after) {
  const differences = findDifferences(before, after)
  if (differences.length === 0) return h('p', { class: 'quiet' }, 'No difference.')
  return h('ul', { class: 'differences' }, differences.map(show))
}

/** @param {import('./differences.js').Difference} difference */
function show(difference) {
  const [isNew, isGone] = [!('before' in difference), !('after' in difference)]
  const { path, before, after } = difference
  return h(
    'li',
    {},
    h('p', {}, h('code', {}, path || 'the whole'), isNew ? ' added' : isGone ? ' taken away' : ' changed'),
    !isNew && h('del', {}, toJson(before)),
    !isGone && h('ins', {}, toJson(after)),
  )
}
