/** @import { Issue } from './api.js' */
import { h } from './dom.js'

/**
 * Lists what is wrong.
 *
 * @param {readonly Issue[]} issues
 * @param {(issue: Issue) => import('./dom.js').Child} [more] what stands behind each
 */
export function issueList(issues, more = () => null) {
  if (issues.length === 0) return null
  const item = (/** @type {Issue} */ issue) =>
    h('li', {}, issue.path !== '' && h('code', {}, issue.path), issue.path !== '' && ' ', issue.message, more(issue))
  return h('ul', { class: 'issues', 'aria-label': 'What is wrong' }, issues.map(item))
}
