/** @import { App } from './app.js' */
import { bindingPlace } from './binding-place.js'
import { h } from './dom.js'
import { choice, field, readForm } from './field.js'
import { formatCount } from './format.js'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']

/** What would become of a request, and why. */
/** @type {import('./views.js').View} */
export const matchView = {
  path: 'match',
  title: 'Match',
  async load({ api, query }, sent) {
    const { data: entryPoints } = await api.get('api/entrypoints', { ...sent, query: { per_page: 10_000 } })
    const asked = Object.fromEntries(query)
    if (!query.has('path')) return { entryPoints }
    return api.send('POST', 'api/match', { ...sent, body: asked }).then(
      ({ data: explained }) => ({ entryPoints, explained }),
      (problem) => ({ entryPoints, problem }),
    )
  },
  render: ({ entryPoints, explained, problem }, app) => [
    h('p', { class: 'quiet' }, 'Which route would serve a request, and why the others that match it would not.'),
    form(entryPoints, app),
    problem !== undefined && h('p', { class: 'result failed', role: 'alert' }, problem.message),
    explained !== undefined && explain(explained),
  ],
}

/**
 * @param {readonly any[]} entryPoints
 * @param {App} app
 */
function form(entryPoints, app) {
  const { query } = app
  const names = Object.fromEntries(entryPoints.map(({ name }) => [name, name]))
  const submit = (/** @type {SubmitEvent} */ event) => {
    app.ask(readForm(event))
    void app.reload()
  }
  return h(
    'form',
    { class: 'inline', onsubmit: submit, 'data-key': 'match' },
    choice(
      'Method',
      { id: 'method' },
      Object.fromEntries(methods.map((name) => [name, name])),
      query.get('method') ?? 'GET',
    ),
    field('Host', {
      id: 'host',
      value: query.get('host') ?? '',
      placeholder: 'shop.example.com',
      spellcheck: 'false',
      autocapitalize: 'none',
    }),
    field('Path', {
      id: 'path',
      value: query.get('path') ?? '',
      required: true,
      placeholder: '/cart',
      spellcheck: 'false',
      autocapitalize: 'none',
    }),
    choice('Entry point', { id: 'entryPoint' }, { '': 'the first', ...names }, query.get('entryPoint') ?? ''),
    h('button', { type: 'submit', class: 'main' }, 'Explain'),
  )
}

/** @param {any} explained */
function explain({
  method,
  host,
  path,
  entryPoint,
  version,
  served,
  status,
  allowedMethods,
  others,
  hooks,
  middleware,
}) {
  return h(
    'div',
    { role: 'region', 'aria-label': 'What becomes of the request' },
    h(
      'p',
      { class: 'quiet' },
      `${method} ${path}${host ? ` for ${host}` : ''}, at ${entryPoint}, in version ${version}:`,
    ),
    h('h2', {}, 'What serves it'),
    served === undefined
      ? h(
          'p',
          {},
          `Nothing: it is answered ${status}.`,
          allowedMethods.length > 0 && ` Methods that are served: ${allowedMethods.join(', ')}.`,
        )
      : h('ul', { class: 'rows' }, showBinding(served, showParams(served.params))),
    list('What matches, too, and stands behind', others, (one) => one.why),
    list('Middleware, the outermost first', middleware),
    list('Hooks and status handlers', hooks),
  )
}

/** @param {Record<string, string>} params */
function showParams(params = {}) {
  const texts = Object.entries(params)
  if (texts.length === 0) return ''
  return `${formatCount(texts.length, 'parameter')}: ${texts.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ')}`
}

/**
 * @param {string} title
 * @param {readonly any[]} bindings
 * @param {(binding: any) => string} [more]
 */
function list(title, bindings, more = () => '') {
  return [
    h('h2', {}, title),
    bindings.length === 0
      ? h('p', { class: 'quiet' }, 'None.')
      : h(
          'ul',
          { class: 'rows' },
          bindings.map((one) => showBinding(one, more(one))),
        ),
  ]
}

/**
 * @param {any} binding
 * @param {string} more
 */
function showBinding(binding, more) {
  const { method, route, domain, hook } = binding
  const pattern = `${method === 'ALL' ? '' : `${method}:`}${route}${domain ? `@${domain}` : ''}`
  return h(
    'li',
    {},
    h('p', {}, h('code', {}, pattern), hook && ` ${hook}`),
    more !== '' && h('p', {}, more),
    h('p', { class: 'quiet' }, bindingPlace(binding)),
  )
}
