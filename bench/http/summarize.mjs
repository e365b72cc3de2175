// From the rounds of one scenario to its figures.

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
  const sorted = values.toSorted((a, b) => a - b)
  return { median: medianOfSorted(sorted), min: sorted[0], max: sorted.at(-1) }
}

function medianOfSorted(sorted) {
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
