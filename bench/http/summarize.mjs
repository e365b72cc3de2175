// From the rounds of one scenario to its figures.

import { median } from '../median.mjs'

/**
 * Figures for each of `measured`: median, lowest and highest of its rounds, and of the ratios to bare node:http and to
 * Fastify, which are made round by round.
 */
export function summarize(measured) {
  const seriesOf = (name) => measured.find(({ framework }) => framework === name)?.series
  const bare = seriesOf('bare')
  const fastify = seriesOf('fastify')
  return measured.map(({ framework, series }) => {
    const figures = Object.entries(series).map(([name, values]) => [
      name,
      {
        ...spread(values),
        toBare: spreadOfRatios(values, bare?.[name]),
        toFastify: spreadOfRatios(values, fastify?.[name]),
      },
    ])
    return { framework, ...Object.fromEntries(figures) }
  })
}

/** Undefined where there is nothing to compare with. */
function spreadOfRatios(values, others) {
  return others && spread(values.map((value, round) => value / others[round]))
}

function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}
