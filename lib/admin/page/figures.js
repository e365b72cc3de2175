/** @import { Rates } from './rates.js' */
import { h } from './dom.js'
import { formatBytes, formatCount, formatNumber } from './format.js'
import { sparkline } from './sparkline.js'

/**
 * Shows what an entry point does now, and has done.
 *
 * @param {string} name
 * @param {Rates} rates
 */
export function figures(name, rates) {
  const stats = rates.latest(name)
  if (stats === undefined) return h('p', { class: 'quiet' }, 'No figures yet: they come with the first connection.')
  const all = rates.of(name)
  const { requests = 0, errors = 0, inputBytes = 0, outputBytes = 0 } = all.at(-1) ?? {}
  return [
    sparkline(all.map((rate) => rate.requests)),
    h(
      'dl',
      { class: 'figures' },
      figure('Requests', `${formatNumber(requests)}/s`, formatNumber(stats.totalRequests)),
      figure('Errors', `${formatNumber(errors)}/s`, formatNumber(stats.totalErrs)),
      figure('Received', `${formatBytes(inputBytes)}/s`, formatBytes(stats.inputBytes)),
      figure('Sent', `${formatBytes(outputBytes)}/s`, formatBytes(stats.outputBytes)),
      figure('Connections', `${formatNumber(stats.currentConns)} open`, formatNumber(stats.totalConns)),
      figure('Under way', formatCount(stats.currentRequests, 'request')),
    ),
  ]
}

/**
 * @param {string} title
 * @param {string} now
 * @param {string} [total]
 */
function figure(title, now, total) {
  const all = total !== undefined && h('p', { class: 'quiet' }, `${total} in all`)
  return h('div', {}, h('dt', {}, title), h('dd', {}, h('strong', {}, now), all))
}
