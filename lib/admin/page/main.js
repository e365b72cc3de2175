import { Api } from './api.js'
import { App } from './app.js'

const skip = /** @type {HTMLElement} */ (document.getElementById('skip'))
skip.addEventListener('click', (event) => {
  // The address names the view.
  event.preventDefault()
  document.getElementById('main')?.focus()
})
void new App(new Api()).start()
