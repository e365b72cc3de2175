// From the slices of one scenario to the figures of the table.

/** Figures for each of `measured`, which has `bare` among it; ratios are made round by round. */
export function summarize(measured) {
  const slicesOf = (name) => measured.find(({ framework }) => framework === name)?.slices
  return measured.map(({ framework, slices, rssBytes }) => ({
    framework,
    requestsPerSecond: spread(slices.map((slice) => slice.requestsPerSecond)),
    speedToBare: spreadOfRatios(slices, slicesOf('bare'), 'requestsPerSecond'),
    speedToFastify: spreadOfRatios(slices, slicesOf('fastify'), 'requestsPerSecond'),
    cpuMicrosPerRequest: spread(slices.map((slice) => slice.cpuMicrosPerRequest)),
    cpuToBare: spreadOfRatios(slices, slicesOf('bare'), 'cpuMicrosPerRequest'),
    p50Ms: spread(slices.map((slice) => slice.p50Ms)),
    p99Ms: spread(slices.map((slice) => slice.p99Ms)),
    serverBusy: spread(slices.map((slice) => slice.serverBusy)),
    loadBusy: spread(slices.map((slice) => slice.loadBusy)),
    rssBytes,
  }))
}

/** Undefined where there is nothing to compare with. */
function spreadOfRatios(slices, others, figure) {
  return others && spread(slices.map((slice, round) => slice[figure] / others[round][figure]))
}

function spread(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: medianOfSorted(sorted), min: sorted[0], max: sorted.at(-1) }
}

function medianOfSorted(sorted) {
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
