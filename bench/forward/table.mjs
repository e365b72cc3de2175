// Figures as text: medians, and the medians of the ratios that are made round by round.

import { median } from '../median.mjs'

/** Returns `median (lowest–highest)` of the ratios to another series; nothing where that has a 0. */
export function formatRatio(values, others) {
  if (others.includes(0)) return '–'
  const ratios = values.map((value, round) => value / others[round])
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`
}

export function formatTable([head, ...rows]) {
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  return lines
    .map((line) =>
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
