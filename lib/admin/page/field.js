import { h } from './dom.js'

/** @typedef {import('./dom.js').Attributes} Attributes */
/** @typedef {import('./dom.js').Child} Child */

/**
 * Shows an input with its label, and a hint where there is one.
 *
 * @param {string} label
 * @param {Attributes & { readonly id: string }} attributes
 * @param {{ readonly tag?: string, readonly hint?: string, readonly content?: Child }} [more]
 */
export function field(label, attributes, { tag = 'input', hint, content } = {}) {
  const hintId = `${attributes.id}-hint`
  const described = hint === undefined ? {} : { 'aria-describedby': hintId }
  return h(
    'div',
    { class: 'field' },
    h('label', { for: attributes.id }, label),
    h(tag, { name: attributes.id, ...described, ...attributes }, content),
    hint !== undefined && h('p', { class: 'hint', id: hintId }, hint),
  )
}

/**
 * Shows a choice with its label.
 *
 * @param {string} label
 * @param {Attributes & { readonly id: string }} attributes
 * @param {Readonly<Record<string, string>>} choices what each is called, by its value
 * @param {string} [chosen]
 */
export function choice(label, attributes, choices, chosen) {
  const option = ([value = '', text = '']) => h('option', { value, selected: value === chosen }, text)
  return field(label, attributes, { tag: 'select', content: Object.entries(choices).map(option) })
}

/**
 * Reads the texts of a form.
 *
 * @param {SubmitEvent} event
 * @returns {Record<string, string>}
 */
export function readForm(event) {
  event.preventDefault()
  const form = /** @type {HTMLFormElement} */ (event.currentTarget)
  return Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]),
  )
}
