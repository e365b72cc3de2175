/** @import { App } from './app.js' */
import { badge } from './badge.js'
import { confirm } from './confirm.js'
import { disclosure } from './disclosure.js'
import { h } from './dom.js'
import { entryPointForm } from './entry-point-form.js'
import { figures } from './figures.js'
import { formatAge, formatCount, formatTime } from './format.js'
import { jsonBlock } from './json-block.js'

/** @type {import('./views.js').View} */
export const entryPointsView = {
  path: 'entry-points',
  title: 'Entry points',
  async load({ api, rates }, sent) {
    const [{ data: entryPoints }, { data: config }] = await Promise.all([
      api.get('api/entrypoints', { ...sent, query: { per_page: 10_000 } }),
      api.get('config/services', sent),
    ])
    for (const { name, status } of entryPoints) if (status.stats) rates.note(name, status.stats)
    const handlers = new Map(config.data.list.map((/** @type {any} */ one) => [one.name, one.handler.type]))
    return entryPoints.map((/** @type {any} */ one) => ({ ...one, handler: handlers.get(one.name) ?? 'http' }))
  },
  render: (entryPoints, app) => [
    h(
      'details',
      { class: 'card', 'data-key': 'open' },
      h('summary', {}, 'Open an entry point'),
      entryPointForm(app, { key: 'open', button: 'Open' }),
      app.actions.show('open'),
    ),
    h(
      'ul',
      { class: 'cards' },
      entryPoints.map((/** @type {any} */ one) => show(one, app)),
    ),
  ],
}

/**
 * @param {any} entryPoint
 * @param {App} app
 */
function show({ name, addresses, labels, options, handler, status }, app) {
  const key = `entry point ${name}`
  return h(
    'li',
    { class: 'card', 'data-key': key },
    h('h2', {}, name, ' ', badge(status.state)),
    h(
      'p',
      {},
      addresses.length === 0
        ? 'Not listening.'
        : addresses.map((/** @type {string} */ one) => [h('code', {}, one), ' ']),
    ),
    handler !== 'http' &&
      h('p', {}, 'Answered by ', h('code', {}, handler), ', which is set in code, in place of the routes.'),
    showLabels(labels),
    status.lastError !== undefined && status.state === 'failed' && h('p', { class: 'error' }, status.lastError),
    status.state !== 'closed' && figures(name, app.rates),
    h('p', { class: 'quiet' }, `Made ${formatAge(status.createTime * 1000)}`),
    showEvents(status.events),
    disclosure(app, `options ${name}`, 'Options', () => jsonBlock(options)),
    status.state !== 'closed' && showChanges({ name, options, handler }, app),
    app.actions.show(key),
  )
}

/** @param {Record<string, string> | undefined} labels */
function showLabels(labels = {}) {
  const texts = Object.entries(labels)
  if (texts.length === 0) return null
  return h(
    'ul',
    { class: 'chips', 'aria-label': 'Labels' },
    texts.map(([name, text]) => h('li', {}, `${name}: ${text}`)),
  )
}

/** @param {readonly { time: number, msg: string }[]} events */
function showEvents(events) {
  const item = (/** @type {{ time: number, msg: string }} */ { time, msg }) =>
    h('li', {}, h('time', {}, formatTime(time * 1000)), ` ${msg}`)
  return h(
    'details',
    {},
    h('summary', {}, formatCount(events.length, 'event')),
    h('ol', { class: 'events', reversed: true }, events.toReversed().map(item)),
  )
}

/**
 * @param {{ name: string, options: any, handler: string }} entryPoint
 * @param {App} app
 */
function showChanges({ name, options, handler }, app) {
  const { api, actions } = app
  const key = `entry point ${name}`
  const close = async () => {
    const isSure = await confirm(
      `Close ${name}?`,
      'Close',
      h('p', {}, 'It takes no more connections; requests under way may finish. Other entry points go on.'),
    )
    if (!isSure) return
    await actions.run(key, async () => {
      await api.send('DELETE', `config/services/${encodeURIComponent(name)}`)
      return `${name} is closed.`
    })
    await app.reload()
  }
  return [
    // What is set in code alone would be lost.
    handler === 'http' &&
      h(
        'details',
        { 'data-key': 'replace' },
        h('summary', {}, 'Replace'),
        entryPointForm(app, { key, button: 'Replace', name, options }),
      ),
    h('button', { type: 'button', class: 'danger', 'aria-label': `Close ${name}`, onclick: close }, 'Close'),
  ]
}
