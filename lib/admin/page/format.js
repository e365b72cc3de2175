const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const units = /** @type {const} */ ([
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
])

/** @param {number} value */
export function formatNumber(value) {
  return numbers.format(value)
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  const names = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${formatNumber(bytes / 1000 ** power)} ${names[power]}`
}

/** @param {number} ms since 1970 */
export function formatTime(ms) {
  return times.format(ms)
}

/**
 * Formats how long ago something was.
 *
 * @param {number} ms since 1970
 */
export function formatAge(ms) {
  return `${formatSpan(Date.now() - ms)} ago`
}

/** @param {number} ms */
export function formatSpan(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [name, size] = units.find(([, size]) => seconds >= size) ?? ['s', 1]
  return `${Math.floor(seconds / size)} ${name}`
}

/**
 * Formats a count with its noun.
 *
 * @param {number} count
 * @param {string} noun
 * @param {string} [nouns]
 */
export function formatCount(count, noun, nouns = `${noun}s`) {
  return `${formatNumber(count)} ${count === 1 ? noun : nouns}`
}
