/** @import { App } from './app.js' */
import { Chain } from './chain.js'
import { showLink } from './chain-view.js'
import { h } from './dom.js'
import { choice, field, readForm } from './field.js'
import { formatCount } from './format.js'
import { issueList } from './issue-list.js'
import { pager } from './pager.js'
import { routeRow } from './route-row.js'

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
  changesSilently: true,
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
      data.rows.map((/** @type {any} */ row) => routeRow(row, data.chain, app)),
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
