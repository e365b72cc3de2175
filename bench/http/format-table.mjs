// The figures of one scenario as an aligned text table.

const loadColumns = {
  '': (row) => row.framework,
  'req/s': (row) => row.requestsPerSecond.median.toFixed(0),
  'to bare': (row) => formatSpread(row.requestsPerSecond.toBare),
  'to fastify': (row) => formatSpread(row.requestsPerSecond.toFastify),
  'cpu µs/req': (row) => row.cpuMicrosPerRequest.median.toFixed(2),
  'cpu to bare': (row) => formatSpread(row.cpuMicrosPerRequest.toBare),
  'cpu to fastify': (row) => formatSpread(row.cpuMicrosPerRequest.toFastify),
  'p50 ms': (row) => row.p50Ms.median.toFixed(2),
  'p99 ms': (row) => row.p99Ms.median.toFixed(2),
  'RSS MiB': (row) => formatMebibytes(row.rssBytes),
  'RSS to bare': (row) => row.rssBytes.toBare.median.toFixed(2),
  'busy server/load %': (row) => `${formatShare(row.serverBusy)}/${formatShare(row.loadBusy)}`,
}

const startUpColumns = {
  '': (row) => row.framework,
  ms: (row) => row.startMs.median.toFixed(1),
  'to bare': (row) => formatSpread(row.startMs.toBare),
  'to fastify': (row) => formatSpread(row.startMs.toFastify),
  'cpu ms': (row) => row.cpuMs.median.toFixed(1),
  'cpu to bare': (row) => formatSpread(row.cpuMs.toBare),
  'RSS MiB': (row) => formatMebibytes(row.rssBytes),
  'RSS to bare': (row) => row.rssBytes.toBare.median.toFixed(2),
}

export function formatTable(title, rows) {
  const columns = 'startMs' in rows[0] ? startUpColumns : loadColumns
  const lines = [Object.keys(columns), ...rows.map((row) => Object.values(columns).map((format) => format(row)))]
  const widths = Object.keys(columns).map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  const texts = lines.map((line) =>
    line
      .map((cell, column) => pad(cell, widths[column], column))
      .join('  ')
      .trimEnd(),
  )
  return [title, ...texts, ''].join('\n')
}

/** The first column is text, the others are numbers. */
function pad(cell, width, column) {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

function formatSpread(spread) {
  if (spread === undefined) return '–'
  return `${spread.median.toFixed(2)} (${spread.min.toFixed(2)}–${spread.max.toFixed(2)})`
}

function formatMebibytes({ median }) {
  return (median / 2 ** 20).toFixed(0)
}

function formatShare({ median }) {
  return (median * 100).toFixed(0)
}
