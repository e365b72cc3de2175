import { h } from './dom.js'

/**
 * Asks whether to do something. Resolves to false when the question is left, too.
 *
 * @param {string} title
 * @param {string} button what it is called that does it
 * @param {import('./dom.js').Child[]} content
 * @returns {Promise<boolean>}
 */
export function confirm(title, button, ...content) {
  const cancel = h('button', { type: 'button', onclick: () => dialog.close('') }, 'Cancel')
  const agree = h('button', { type: 'button', class: 'danger', onclick: () => dialog.close('yes') }, button)
  const dialog = /** @type {HTMLDialogElement} */ (
    h(
      'dialog',
      { 'aria-labelledby': 'question' },
      h('h2', { id: 'question' }, title),
      content,
      h('div', { class: 'buttons' }, agree, cancel),
    )
  )
  document.body.append(dialog)
  // What has the focus gets it back.
  dialog.showModal()
  cancel.focus()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    })
  })
}
