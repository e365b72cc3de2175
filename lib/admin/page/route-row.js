/** @import { App } from './app.js' */
/** @import { Issue } from './api.js' */
/** @import { Chain } from './chain.js' */
import { badge } from './badge.js'
import { bindingPlace } from './binding-place.js'
import { splitName } from './chain.js'
import { chainView, nodeTable } from './chain-view.js'
import { confirm } from './confirm.js'
import { disclosure } from './disclosure.js'
import { h } from './dom.js'
import { issueList } from './issue-list.js'

/**
 * Shows a route, and once it is asked for, what its requests pass.
 *
 * @param {any} row
 * @param {Chain} chain
 * @param {App} app
 */
export function routeRow(row, chain, app) {
  const { pattern, type, name, layer, entryPoint, status, configured, origin, hook } = row
  const [routeName, provider] = splitName(configured ?? '@')
  const issues = configured === undefined ? [] : chain.issuesOf(provider, `routes.${routeName}`, row.issues)
  const key = `route ${pattern} ${type} ${layer} ${entryPoint} ${name} ${hook ?? ''} ${origin}`
  const title = [
    h('code', {}, pattern),
    ' ',
    hook && `${hook} `,
    badge(issues.length > 0 && status === 'enabled' ? 'warning' : status),
    ' ',
    h('span', { class: 'quiet' }, configured ?? (name || type)),
  ]
  return h(
    'li',
    { 'data-key': key },
    disclosure(app, key, title, () => [
      h('p', { class: 'quiet' }, bindingPlace(row)),
      showChain(row, issues, chain),
      h('div', { class: 'buttons' }, explainLink(row), configured?.endsWith('@api') && takeAway(configured, key, app)),
    ]),
    app.actions.show(key),
  )
}

/**
 * @param {any} row
 * @param {readonly Issue[]} issues of the route
 * @param {Chain} chain
 */
function showChain({ configured, nodes }, issues, chain) {
  const links = configured === undefined ? [] : chain.of(configured, issues)
  const inner = new Set(links.flatMap((link) => link.issues))
  return [
    issueList(issues.filter((issue) => !inner.has(issue))),
    links.length > 0 ? chainView(links) : nodes && nodeTable(nodes),
  ]
}

/** @param {any} row */
function explainLink({ method, route, domain, type }) {
  if (['hook', 'middleware', 'status'].includes(type)) return null
  const query = new URLSearchParams({
    method: method === 'ALL' ? 'GET' : method,
    path: route,
    ...(domain && { host: domain }),
  })
  return h('a', { href: `#/match?${query}` }, 'Explain a request for it')
}

/**
 * @param {string} configured
 * @param {string} key
 * @param {App} app
 */
function takeAway(configured, key, app) {
  const [name] = splitName(configured)
  const ask = async () => {
    const isSure = await confirm(
      `Take the route ${name} away?`,
      'Take away',
      h('p', {}, 'Its requests are answered as if it had never been there.'),
    )
    if (!isSure) return
    await app.actions.run(key, async () => {
      const { data } = await app.api.send('DELETE', `config/routing/routes/${encodeURIComponent(name)}`)
      return `${name} is taken away, since version ${data.version}.`
    })
    await app.reload()
  }
  return h('button', { type: 'button', 'aria-label': `Take away ${name}`, onclick: ask }, 'Take away')
}
