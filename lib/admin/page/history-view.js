/** @import { App } from './app.js' */
import { badge } from './badge.js'
import { confirm } from './confirm.js'
import { differenceList } from './difference-list.js'
import { disclosure } from './disclosure.js'
import { h } from './dom.js'
import { formatAge, formatTime } from './format.js'
import { jsonBlock } from './json-block.js'

/** @type {import('./views.js').View} */
export const historyView = {
  path: 'history',
  title: 'History',
  load: async ({ api }, sent) => (await api.get('api/history', { ...sent, query: { per_page: 1000 } })).data,
  render: (entries, app) =>
    entries.length === 0
      ? h('p', { class: 'quiet' }, 'No configuration of a provider was served yet.')
      : h(
          'ol',
          { class: 'cards', reversed: true },
          entries.map((/** @type {any} */ _, /** @type {number} */ i) => show(entries, i, app)),
        ),
}

/**
 * @param {readonly any[]} entries the newest first
 * @param {number} i
 * @param {App} app
 */
function show(entries, i, app) {
  const { version, appliedAt, changed, rollbackOf, configurations } = entries[i]
  const before = entries[i + 1]
  const key = `version ${version}`
  return h(
    'li',
    { class: 'card', 'data-key': key },
    h('h2', {}, `Version ${version} `, i === 0 && badge('served')),
    h(
      'p',
      {},
      `${formatTime(appliedAt)}, ${formatAge(appliedAt)}. `,
      rollbackOf === undefined ? `Changed: ${changed.join(', ') || 'nothing'}.` : `Brings version ${rollbackOf} back.`,
    ),
    before !== undefined &&
      disclosure(app, `differences ${version}`, `Differences from version ${before.version}`, () =>
        differenceList(before.configurations, configurations),
      ),
    disclosure(app, `whole ${version}`, 'The whole configuration', () => jsonBlock(configurations)),
    i > 0 && goBack(entries[0], entries[i], app),
    app.actions.show(key),
  )
}

/**
 * @param {any} served
 * @param {any} entry
 * @param {App} app
 */
function goBack(served, { version, configurations }, app) {
  const ask = async () => {
    const isSure = await confirm(
      `Go back to version ${version}?`,
      'Go back',
      h(
        'p',
        {},
        'It is served as a new version, and what providers publish is held back until you resume. This changes:',
      ),
      differenceList(served.configurations, configurations),
    )
    if (!isSure) return
    await app.actions.run(`version ${version}`, async () => {
      const { data } = await app.api.send('POST', 'api/rollback', { body: { version } })
      return `Version ${version} is served again, as version ${data.version}.`
    })
    await app.reload()
  }
  return h(
    'button',
    { type: 'button', 'aria-label': `Go back to this version: ${version}`, onclick: ask },
    'Go back to this version',
  )
}
