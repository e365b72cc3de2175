/** @import { Api } from './api.js' */
import { h, patch } from './dom.js'
import { field, readForm } from './field.js'

/**
 * Asks for the token until it is right.
 *
 * @param {Element} place
 * @param {Api} api
 * @param {string} [why] why it is asked for again
 * @returns {Promise<void>}
 */
export function login(place, api, why) {
  return new Promise((resolve) => {
    let isBusy = false
    const show = (/** @type {string | undefined} */ error) => patch(place, form(error, submit, isBusy))
    const submit = async (/** @type {SubmitEvent} */ event) => {
      const { token = '' } = readForm(event)
      if (isBusy || token === '') return
      isBusy = true
      show(undefined)
      api.setToken(token.trim())
      const error = await api.get('api/version').then(
        () => undefined,
        ({ message }) => message,
      )
      isBusy = false
      if (error === undefined) return resolve()
      api.forgetToken()
      show(error)
      focusInput(place)
    }
    show(why)
    focusInput(place)
  })
}

/** @param {Element} place */
function focusInput(place) {
  const input = /** @type {HTMLInputElement | null} */ (place.querySelector('#token'))
  input?.focus()
  input?.select()
}

/**
 * @param {string | undefined} error
 * @param {(event: SubmitEvent) => unknown} onsubmit
 * @param {boolean} isBusy
 */
function form(error, onsubmit, isBusy) {
  const input = {
    id: 'token',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    spellcheck: 'false',
    'aria-invalid': error === undefined ? null : 'true',
    'aria-describedby': 'token-hint token-error',
  }
  const hint = 'The option admin.token of the server. It is kept in this tab alone, until the tab is closed.'
  return h(
    'form',
    { class: 'login card', onsubmit, 'data-key': 'login' },
    h('h1', {}, 'Administration'),
    field('Token', input, { hint }),
    h('p', { class: 'error', id: 'token-error', role: 'alert' }, error ?? ''),
    h(
      'button',
      { type: 'submit', class: 'main', 'aria-disabled': isBusy ? 'true' : null },
      isBusy ? 'One moment…' : 'Sign in',
    ),
  )
}
