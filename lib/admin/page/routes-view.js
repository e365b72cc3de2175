/** @import { App } from './app.js' */
import { badge } from './badge.js'
import { Chain, splitName } from './chain.js'
import { chainView, nodeTable, showLink } from './chain-view.js'
import { confirm } from './confirm.js'
import { h } from './dom.js'
import { choice, field, readForm } from './field.js'
import { formatCount } from './format.js'
import { issueList } from './issue-list.js'
import { pager } from './pager.js'

const PER_PAGE = 50
const ALL = { per_page: 10_000 }
const types = {
  '': 'routes',
  hook: 'hooks',
  middleware: 'middleware',
  status: 'status handlers',
  handler: 'handlers alone',
  websocket: 'WebSockets alone',
  static: 'folders alone',
}
const states = { '': 'any state', enabled: 'enabled', warning: 'warning', disabled: 'disabled' }

/** @type {import('./views.js').View} */
export const routesView = {
  path: 'routes',
  title: 'Routes',
  async load({ api, query }, sent) {
    const get = async (/** @type {string} */ path, asked = ALL) => (await api.get(path, { ...sent, query: asked })).data
    const asked = { ...Object.fromEntries(query), page: query.get('page') ?? 1, per_page: PER_PAGE }
    const [{ data: rows, total }, services, middlewares, providers, [served]] = await Promise.all([
      api.get('api/routes', { ...sent, query: asked }),
      get('api/services'),
      get('api/middlewares'),
      get('api/providers'),
      get('api/history', { per_page: 1 }),
    ])
    const documents = Object.entries(served?.configurations ?? {})
    const routes = Object.fromEntries(
      documents.flatMap(([provider, { routes = {} }]) =>
        Object.keys(routes).map((name) => [`${name}@${provider}`, routes[name]]),
      ),
    )
    return {
      rows,
      total,
      services,
      middlewares,
      providers,
      chain: new Chain({ services, middlewares, routes, providers }),
    }
  },
  render: (data, app) => [
    data.providers.map(showIssues),
    search(app),
    h('p', { role: 'status' }, formatCount(data.total, 'entry', 'entries')),
    h(
      'ul',
      { class: 'rows' },
      data.rows.map((/** @type {any} */ row) => showRow(row, data.chain, app)),
    ),
    pager(app, data.total, PER_PAGE),
    showUnused(data),
  ],
}

/** @param {App} app */
function search(app) {
  const { query } = app
  const submit = (/** @type {SubmitEvent} */ event) => {
    const { search = '', type = '', status = '' } = readForm(event)
    app.ask({ search, type, status, page: '' })
  }
  const change = (/** @type {Event} */ event) =>
    /** @type {HTMLSelectElement} */ (event.currentTarget).form?.requestSubmit()
  return h(
    'form',
    { class: 'inline', role: 'search', onsubmit: submit, 'data-key': 'search' },
    field('Search', { id: 'search', type: 'search', value: query.get('search') ?? '' }),
    choice('Show', { id: 'type', onchange: change }, types, query.get('type') ?? ''),
    choice('State', { id: 'status', onchange: change }, states, query.get('status') ?? ''),
    h('button', { type: 'submit' }, 'Search'),
  )
}

/**
 * Shows what is wrong with what a provider has published: parts that aren't served stand nowhere else.
 *
 * @param {any} provider
 */
function showIssues({ name, issues }) {
  if (issues.length === 0) return null
  return h(
    'section',
    { class: 'card', 'data-key': `issues ${name}` },
    h('h2', {}, `What provider ${name} has published has ${formatCount(issues.length, 'issue')}`),
    issueList(issues),
  )
}

/**
 * Shows the services and middlewares that nothing refers to.
 *
 * @param {any} data
 */
function showUnused({ services, middlewares, chain }) {
  const isUnused = (/** @type {any} */ part) => part.usedBy.length === 0
  const links = [
    ...services.filter(isUnused).map((/** @type {any} */ part) => chain.link('services', part)),
    ...middlewares.filter(isUnused).map((/** @type {any} */ part) => chain.link('middlewares', part)),
  ]
  if (links.length === 0) return null
  const title = `${formatCount(links.length, 'service or middleware', 'services and middlewares')} that nothing refers to`
  return h(
    'details',
    { class: 'card', 'data-key': 'unused' },
    h('summary', {}, title),
    h('ul', { class: 'chain' }, links.map(showLink)),
  )
}

/**
 * @param {any} row
 * @param {Chain} chain
 * @param {App} app
 */
function showRow(row, chain, app) {
  const { pattern, type, name, layer, entryPoint, status, configured, origin, hook } = row
  const [routeName, provider] = splitName(configured ?? '@')
  const issues = configured === undefined ? [] : chain.issuesOf(provider, `routes.${routeName}`, row.issues)
  const links = configured === undefined ? [] : chain.of(configured, issues)
  const inner = new Set(links.flatMap((link) => link.issues))
  const key = `route ${pattern} ${type} ${layer} ${entryPoint} ${name} ${hook ?? ''} ${origin}`
  return h(
    'li',
    { 'data-key': key },
    h(
      'details',
      {},
      h(
        'summary',
        {},
        h('code', {}, pattern),
        ' ',
        hook && `${hook} `,
        badge(issues.length > 0 && status === 'enabled' ? 'warning' : status),
        ' ',
        h('span', { class: 'quiet' }, configured ?? `${name || type}`),
      ),
      h(
        'p',
        { class: 'quiet' },
        `${type}${name ? ` ${name}` : ''}, layer ${layer ?? 'code'}${entryPoint ? `, entry point ${entryPoint}` : ''}, bound by ${origin}`,
      ),
      issueList(issues.filter((issue) => !inner.has(issue))),
      links.length > 0 && chainView(links),
      row.nodes && links.length === 0 && nodeTable(row.nodes),
      h('div', { class: 'buttons' }, explainLink(row), configured?.endsWith('@api') && takeAway(configured, key, app)),
    ),
    app.actions.show(key),
  )
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
