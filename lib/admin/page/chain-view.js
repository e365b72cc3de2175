/** @import { Link } from './chain.js' */
import { badge } from './badge.js'
import { h } from './dom.js'
import { formatNumber } from './format.js'
import { issueList } from './issue-list.js'
import { jsonBlock } from './json-block.js'
import { table } from './table.js'

/**
 * Shows what a request passes, the service last, with what is wrong where it is wrong.
 *
 * @param {readonly Link[]} links
 */
export function chainView(links) {
  return h('ol', { class: 'chain' }, links.map(showLink))
}

/**
 * Shows a service or a middleware, with those that it leads to.
 *
 * @param {Link} link
 * @returns {HTMLElement}
 */
export function showLink({ type, name, note, part, definition, issues, links }) {
  const isMissing = name !== '' && part === undefined && !name.endsWith('@internal')
  const noun = type === 'services' ? 'service' : 'middleware'
  return h(
    'li',
    { class: 'link' },
    h(
      'p',
      {},
      `${noun} `,
      h('strong', {}, name || kindOf(definition)),
      ' ',
      part && badge(part.status),
      note !== '' && ` ${note}`,
    ),
    isMissing && h('p', { class: 'error' }, `There is no ${noun} of this name.`),
    issueList(issues),
    definition !== undefined && h('details', {}, h('summary', {}, kindOf(definition)), jsonBlock(definition)),
    part?.nodes && nodeTable(part.nodes),
    links.length > 0 && h('ul', { class: 'chain' }, links.map(showLink)),
  )
}

/**
 * Shows the nodes of a service.
 *
 * @param {readonly any[]} nodes
 */
export function nodeTable(nodes) {
  return table(
    'Nodes',
    {
      Node: ({ name, addr }) => h('code', {}, name === addr ? addr : `${name} ${addr}`),
      State: ({ state }) => badge(state),
      Requests: ({ activeRequests, totalRequests }) =>
        `${formatNumber(activeRequests)} now, ${formatNumber(totalRequests)} in all`,
      Failures: ({ fails }) => formatNumber(fails),
      'Last error': ({ lastError }) => (lastError ? h('span', { class: 'error' }, lastError) : '–'),
    },
    nodes,
    'It has no nodes.',
  )
}

/**
 * The member by which a definition is what it is.
 *
 * @param {any} definition
 */
function kindOf(definition) {
  const [kind = 'empty'] = Object.keys(definition ?? {})
  return kind
}
