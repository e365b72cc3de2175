// Ratios of processor time, made within a round: median, and the quartiles in brackets.

import { median } from '../median.mjs'

const quantile = (sorted, part) => sorted[Math.round(part * (sorted.length - 1))]

/** @param series the figures of the rounds by name; the rounds of all are the same */
export function printTable(title, names, series) {
  const [base, ...others] = names
  const bases = [base, ...others.filter((name) => name === 'tribind on node:http')]
  console.log(`\n${title}, ${series[base].length} rounds\n\n| | ${bases.map((name) => `to ${name}`).join(' | ')} |`)
  console.log(`| --- |${' --- |'.repeat(bases.length)}`)
  for (const name of names)
    console.log(`| ${name} | ${bases.map((other) => ratioOf(series[name], series[other])).join(' | ')} |`)
}

function ratioOf(figures, bases) {
  const ratios = figures.map((figure, round) => figure / bases[round]).toSorted((a, b) => a - b)
  const [low, middle, high] = [quantile(ratios, 0.25), median(ratios), quantile(ratios, 0.75)]
  return `${middle.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`
}
