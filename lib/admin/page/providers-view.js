/** @import { App } from './app.js' */
import { badge } from './badge.js'
import { h } from './dom.js'
import { formatAge, formatTime } from './format.js'
import { issueList } from './issue-list.js'
import { table } from './table.js'

/** @type {import('./views.js').View} */
export const providersView = {
  path: 'providers',
  title: 'Providers',
  changesSilently: true,
  load: async ({ api }, sent) => (await api.get('api/providers', { ...sent, query: { per_page: 10_000 } })).data,
  render: (providers, app) =>
    providers.length === 0
      ? h('p', { class: 'quiet' }, 'This server has no providers: it has no dynamic configuration.')
      : [
          h('div', { class: 'buttons' }, reloadButton(undefined, app)),
          app.actions.show('reload'),
          h(
            'ul',
            { class: 'cards' },
            providers.map((/** @type {any} */ one) => show(one, app)),
          ),
        ],
}

/**
 * @param {any} provider
 * @param {App} app
 */
function show({ name, state, revision, lastPublishAt, lastContactAt, issues, instances }, app) {
  const key = `reload ${name}`
  return h(
    'li',
    { class: 'card', 'data-key': key },
    h('h2', {}, name, ' ', badge(state)),
    h(
      'dl',
      { class: 'figures' },
      fact('Published', describeTime(lastPublishAt)),
      fact('Last contact', describeTime(lastContactAt)),
      fact('Revision', revision === undefined ? '–' : String(revision)),
    ),
    issues.length > 0 && h('h3', {}, 'What is wrong with what it has'),
    issueList(issues),
    instances && showInstances(instances),
    h(
      'div',
      { class: 'buttons' },
      reloadButton(name, app),
      h('a', { href: `#/routes?search=${encodeURIComponent(`@${name}`)}` }, 'Its routes'),
    ),
    app.actions.show(key),
  )
}

/** @param {number | undefined} ms */
function describeTime(ms) {
  return ms === undefined ? 'never' : h('time', { title: formatTime(ms) }, formatAge(ms))
}

/**
 * @param {string} title
 * @param {import('./dom.js').Child} content
 */
function fact(title, content) {
  return h('div', {}, h('dt', {}, title), h('dd', {}, content))
}

/** @param {readonly any[]} instances */
function showInstances(instances) {
  return [
    h('h3', {}, 'Processes that share its source'),
    table(
      'Processes',
      {
        Process: ({ id }) => h('code', {}, id),
        Revision: ({ revision }) => revision ?? '–',
        Version: ({ version }) => version,
        Reported: ({ reportedAt }) => formatAge(reportedAt),
        Issues: ({ issues }) => issueList(issues) ?? 'none',
      },
      instances,
    ),
  ]
}

/**
 * @param {string | undefined} name all without one
 * @param {App} app
 */
function reloadButton(name, app) {
  const reload = async () => {
    await app.actions.run(name === undefined ? 'reload' : `reload ${name}`, async () => {
      const { data } = await app.api.send('POST', 'api/reload', { body: name === undefined ? {} : { provider: name } })
      return `Read again; version ${data.version} is served.`
    })
    await app.reload()
  }
  const label = name === undefined ? null : `Read again: ${name}`
  return h(
    'button',
    { type: 'button', 'aria-label': label, onclick: reload },
    name === undefined ? 'Read all again' : 'Read again',
  )
}
