/** @import { App } from './app.js' */
/** @import { Issue } from './api.js' */
import { Problem } from './api.js'
import { confirm } from './confirm.js'
import { h } from './dom.js'
import { issueList } from './issue-list.js'
import { toJson } from './json-block.js'
import { findPlace } from './json-place.js'

/** @typedef {{ readonly text: string, readonly etag: string | undefined }} Loaded */

const PATH = 'config/routing'
const KEY = 'document'

/** What is being edited, as it was loaded. @type {Loaded} */
let base = { text: '', etag: undefined }

/** @type {import('./views.js').View} */
export const documentView = {
  path: 'document',
  title: 'Document',
  async load({ api }, sent) {
    const { data, etag } = await api.get(PATH, sent)
    const loaded = { text: toJson(data), etag }
    const text = area()?.value
    if (text === undefined || text === base.text) edit(loaded)
    return loaded
  },
  render: (loaded, app) => [
    h(
      'p',
      { class: 'quiet' },
      'Routes, services and middlewares of the provider api. Secrets are shown as ***; one that is left so stays.',
    ),
    loaded.etag !== base.etag && changedMeanwhile(loaded, app),
    h('div', { class: 'editor' }, form(loaded, app), result(app)),
  ],
}

/** @param {Loaded} loaded */
function edit(loaded) {
  base = loaded
  const shown = area()
  if (shown && shown.value !== loaded.text) shown.value = loaded.text
}

/** @returns {HTMLTextAreaElement | null} */
function area() {
  return document.querySelector('#document')
}

/**
 * @param {Loaded} loaded
 * @param {App} app
 */
function changedMeanwhile(loaded, app) {
  return h(
    'div',
    { class: 'banner', role: 'alert' },
    h('p', {}, 'The document was changed by someone else since you began: it can’t be saved.'),
    h('button', { type: 'button', onclick: () => startAgain(loaded, app) }, 'Load it'),
  )
}

/**
 * @param {Loaded} loaded
 * @param {App} app
 */
async function startAgain(loaded, app) {
  if (area()?.value !== base.text) {
    const isSure = await confirm(
      'Discard your changes?',
      'Discard',
      h('p', {}, 'The document is loaded as it is served.'),
    )
    if (!isSure) return
  }
  edit(loaded)
  app.actions.clear()
  await app.reload()
}

/**
 * @param {Loaded} loaded
 * @param {App} app
 */
function form(loaded, app) {
  const isInvalid = app.actions.issuesOf(KEY).length > 0
  const text = {
    id: 'document',
    rows: 24,
    spellcheck: 'false',
    autocapitalize: 'none',
    'aria-invalid': isInvalid ? 'true' : null,
    'aria-describedby': 'document-result',
  }
  return h(
    'form',
    { onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
    h('div', { class: 'field' }, h('label', { for: 'document' }, 'Document, as JSON'), h('textarea', text, base.text)),
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', class: 'main', onclick: () => save(app) }, 'Save'),
      h('button', { type: 'button', onclick: () => check(app) }, 'Check'),
      h('button', { type: 'button', onclick: () => startAgain(loaded, app) }, 'Discard my changes'),
    ),
  )
}

/** @param {App} app */
function check(app) {
  return app.actions.run(KEY, async () => {
    await put(app, { dryRun: 'true' })
    return 'Nothing is wrong with it. It isn’t served yet.'
  })
}

/** @param {App} app */
async function save(app) {
  const isDone = await app.actions.run(KEY, async () => {
    const { data, etag } = await put(app, {})
    base = { text: area()?.value ?? '', etag }
    return `Served, in version ${data.version}.`
  })
  if (isDone) await app.reload()
}

/**
 * @param {App} app
 * @param {Record<string, string>} query
 */
function put({ api }, query) {
  const body = area()?.value ?? ''
  try {
    JSON.parse(body)
  } catch (error) {
    throw new Problem(0, `This is not JSON: ${/** @type {Error} */ (error).message}`)
  }
  return api.send('PUT', PATH, { query, body, ...(base.etag !== undefined && { etag: base.etag }) })
}

/** @param {App} app */
function result({ actions }) {
  const nothing = h('p', { class: 'quiet' }, 'Check says what would be wrong, and changes nothing.')
  return h(
    'section',
    { 'aria-label': 'Result', id: 'document-result' },
    actions.show(KEY, false) ?? nothing,
    issueList(actions.issuesOf(KEY), showPlace),
  )
}

/** Leads to where an issue is. @param {Issue} issue */
function showPlace({ path }) {
  const place = findIn(area()?.value ?? '', path)
  if (place === undefined) return null
  const select = () => {
    const shown = area()
    shown?.focus()
    shown?.setSelectionRange(place.start, place.end)
  }
  return [' ', h('button', { type: 'button', class: 'link-button', onclick: select }, `Line ${place.line}`)]
}

/**
 * @param {string} text
 * @param {string} path
 */
function findIn(text, path) {
  try {
    JSON.parse(text)
    return findPlace(text, path)
  } catch {
    return undefined
  }
}
