// Figures as aligned text tables.

import { median } from '../median.mjs'

/** Nanoseconds, and their ratio to find-my-way's: made within each round, the median, the lowest and the highest. */
export function formatTable({ size, refused, kinds }) {
  const lines = [[`${size} routes`, 'request', 'ns', 'to find-my-way']]
  for (const { kind, nanos } of kinds) {
    for (const [name, figures] of Object.entries(nanos)) {
      const ratios = figures.map((figure, round) => figure / nanos['find-my-way'][round])
      lines.push([name, kind, median(figures).toFixed(0), formatSpread(ratios)])
    }
  }
  const notes = Object.entries(refused).map(([name, reason]) => `${name}: ${reason}\n`)
  return align(lines) + notes.join('')
}

export function formatPipeline(rows) {
  return align([
    ['scenario', 'ns per request', 'lowest–highest', 'bytes allocated'],
    ...rows.map(({ name, nanos, bytes }) => [
      name,
      median(nanos).toFixed(0),
      `${Math.min(...nanos).toFixed(0)}–${Math.max(...nanos).toFixed(0)}`,
      bytes.toFixed(0),
    ]),
  ])
}

function formatSpread(values) {
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`
}

/** The first column is text, the others are numbers. */
function align(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))
  return lines.map((line) => `${line.map(pad).join('  ')}\n`).join('')
}
