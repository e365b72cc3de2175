import { h } from './dom.js'

/** @typedef {import('./dom.js').Child} Child */
/** @typedef {Readonly<Record<string, (row: any) => Child>>} Columns What each shows of a row, by its heading. */

/**
 * Shows rows as a table, and as cards where the page is narrow. The roles are written, since a table that isn't laid out as one loses its own.
 *
 * @param {string} caption
 * @param {Columns} columns
 * @param {readonly any[]} rows
 * @param {string} [nothing] shown where there are no rows
 */
export function table(caption, columns, rows, nothing = 'None.') {
  if (rows.length === 0) return h('p', { class: 'quiet' }, nothing)
  const names = Object.keys(columns)
  const heading = (/** @type {string} */ name) => h('th', { role: 'columnheader', scope: 'col' }, name)
  const cell = (/** @type {any} */ row) => (/** @type {string} */ name) =>
    h('td', { role: 'cell', 'data-label': name }, h('span', {}, columns[name]?.(row)))
  return h(
    'table',
    { role: 'table' },
    h('caption', { class: 'hidden' }, caption),
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, names.map(heading))),
    h(
      'tbody',
      { role: 'rowgroup' },
      rows.map((row) => h('tr', { role: 'row' }, names.map(cell(row)))),
    ),
  )
}
