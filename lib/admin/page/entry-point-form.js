/** @import { App } from './app.js' */
import { Problem } from './api.js'
import { h } from './dom.js'
import { field, readForm } from './field.js'
import { toJson } from './json-block.js'

/**
 * Shows a form that opens an entry point, or replaces one.
 *
 * @param {App} app
 * @param {{ readonly key: string, readonly button: string, readonly name?: string, readonly options?: any }} parts `key` of the result
 */
export function entryPointForm(app, { key, button, name, options = {} }) {
  const { api, actions } = app
  const { address = '', ...rest } = options
  const id = (/** @type {string} */ what) => (name === undefined ? `new-${what}` : `${what}-of-${name}`)
  const submit = (/** @type {SubmitEvent} */ event) => {
    const form = /** @type {HTMLFormElement} */ (event.currentTarget)
    const asked = readForm(event)
    void actions
      .run(key, async () => {
        const body = { name: name ?? asked.name, ...readOptions(asked.options), address: asked.address }
        if (name === undefined) await api.send('POST', 'config/services', { body })
        else await api.send('PUT', `config/services/${encodeURIComponent(name)}`, { body })
        return `${body.name} is ${name === undefined ? 'open' : 'replaced'}.`
      })
      .then((isDone) => isDone && form.reset())
      .then(() => app.reload())
  }
  return h(
    'form',
    { onsubmit: submit, 'data-key': `form ${key}` },
    name === undefined &&
      field('Name', { id: id('name'), name: 'name', required: true, spellcheck: 'false', autocapitalize: 'none' }),
    field(
      'Address',
      {
        id: id('address'),
        name: 'address',
        required: true,
        value: address,
        spellcheck: 'false',
        autocapitalize: 'none',
      },
      { hint: 'Such as :8080, 127.0.0.1:8080 or unix:/run/web.sock; several with commas.' },
    ),
    field(
      'Other options, as JSON',
      { id: id('options'), name: 'options', rows: 4, spellcheck: 'false' },
      {
        tag: 'textarea',
        hint: 'Such as enableStats, labels, requestTimeout. What is left out has its default.',
        content: name === undefined ? '{ "enableStats": true }' : toJson(rest),
      },
    ),
    h('button', { type: 'submit', class: 'main' }, button),
  )
}

/** @param {string} [text] */
function readOptions(text = '') {
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch (error) {
    throw new Problem(0, `The options are not JSON: ${/** @type {Error} */ (error).message}`)
  }
}
