/** @import { App } from './app.js' */
import { badge } from './badge.js'
import { h } from './dom.js'
import { formatAge, formatCount, formatNumber, formatSpan, formatTime } from './format.js'
import { table } from './table.js'
import { views } from './views.js'

/**
 * Shows the server, the connection to it, and the views.
 *
 * @param {App} app
 */
export function header(app) {
  const { overview } = app
  return [
    h(
      'div',
      { class: 'bar' },
      h(
        'p',
        { class: 'brand' },
        'tribind',
        overview && [' ', h('strong', {}, overview.name), ' ', badge(overview.state)],
      ),
      overview && h('p', { class: 'quiet' }, `version ${overview.version}, started ${formatAge(overview.startedAt)}`),
      showConnection(app),
      app.api.hasToken && h('button', { type: 'button', onclick: () => app.signOut() }, 'Sign out'),
    ),
    overview?.workers && showWorkers(overview.workers),
    overview?.configuration?.pinned && showPinned(app),
    h(
      'nav',
      { 'aria-label': 'Views' },
      h(
        'ul',
        {},
        views.map((view) => link(view, app)),
      ),
    ),
  ]
}

/**
 * @param {import('./views.js').View} view
 * @param {App} app
 */
function link(view, app) {
  const isCurrent = view === app.view
  return h('li', {}, h('a', { href: `#/${view.path}`, 'aria-current': isCurrent ? 'page' : null }, view.title))
}

/** @param {App} app */
function showConnection({ connection: { isLive, since, retryAt }, loadedAt }) {
  if (isLive) return h('p', { class: 'connection' }, h('span', { class: 'badge good' }, 'live'))
  const shown = loadedAt === undefined ? '' : ` What is shown is from ${formatTime(loadedAt)}, ${formatAge(loadedAt)}.`
  const next = retryAt === undefined ? '' : ` Next try in ${formatSpan(retryAt - Date.now())}.`
  const text = retryAt === undefined ? 'Connecting…' : `Connection lost ${formatAge(since)}.${shown}${next}`
  return h('p', { class: 'connection lost' }, h('span', { class: 'badge bad' }, 'not live'), ` ${text}`)
}

/** @param {readonly any[]} workers the processes of `tribind run --workers` */
function showWorkers(workers) {
  return h(
    'details',
    { 'data-key': 'workers' },
    h('summary', {}, formatCount(workers.length, 'worker')),
    table(
      'Workers',
      {
        Worker: ({ worker }) => formatNumber(worker),
        Process: ({ pid }) => h('code', {}, String(pid)),
        State: ({ state }) => badge(state),
        Version: ({ version }) => formatNumber(version),
        Started: ({ startedAt }) => formatAge(startedAt),
        'Runs the providers': ({ isLeader }) => (isLeader ? 'yes' : 'no'),
      },
      workers.toSorted((a, b) => a.worker - b.worker),
    ),
  )
}

/** @param {App} app */
function showPinned({ actions, api, overview }) {
  const resume = async () => {
    const { data } = await api.send('POST', 'api/resume')
    return `What providers publish is served again, by version ${data.version}.`
  }
  return h(
    'div',
    { class: 'banner', role: 'region', 'aria-label': 'Rollback' },
    h(
      'p',
      {},
      `An older configuration is served, since ${formatTime(overview.configuration.appliedAt)}. What providers publish is held back.`,
    ),
    h('button', { type: 'button', onclick: () => actions.run('resume', resume) }, 'Resume'),
    actions.show('resume'),
  )
}
