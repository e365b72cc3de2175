// The processor time of each scenario as bars, by that of bare node:http: one SVG, legible on light and dark pages.

const columns = 3
const panelWidth = 330
const barLeft = 142
const barWidth = 134
const rowHeight = 17
const titleHeight = 40
const margin = 16
const headHeight = 64

/** A bar ends here, with a mark, however long it should be; its figure tells the rest. */
const longestRatio = 4

const style = `
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .head { font-size: 17px; font-weight: 600; fill: #1f2328 }
  .title { font-weight: 600; fill: #1f2328 }
  .ours { font-weight: 600; fill: #0550ae }
  .page { fill: #ffffff }
  .bar { fill: #c3cad3 }
  .bar.ours { fill: #0969da }
  .bare { stroke: #57606a; stroke-dasharray: 3 3 }
  .cut { stroke: #ffffff; stroke-width: 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b3 }
    .head, .title { fill: #e6edf3 }
    .ours { fill: #79c0ff }
    .page { fill: #0d1117 }
    .bar { fill: #444c56 }
    .bar.ours { fill: #58a6ff }
    .bare { stroke: #9da7b3 }
    .cut { stroke: #0d1117 }
  }`

/** The SVG of a report, as text. */
export function drawChart(report) {
  const panels = report.scenarios.map(({ title, frameworks }) => ({ title, bars: frameworks.flatMap(describeBar) }))
  const rows = Array.from({ length: Math.ceil(panels.length / columns) }, (_, row) =>
    panels.slice(row * columns, (row + 1) * columns),
  )
  let top = headHeight
  const drawn = rows.map((row) => {
    const text = row.map((panel, column) => drawPanel(panel, margin + column * panelWidth, top)).join('')
    top += titleHeight + Math.max(...row.map(({ bars }) => bars.length)) * rowHeight + margin
    return text
  })
  const width = columns * panelWidth + margin
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" role="img">
<title>Processor time per request, by that of bare node:http</title>
<style>${style}
</style>
<rect class="page" width="${width}" height="${top}" rx="8"/>
${drawHead(report)}${drawn.join('')}</svg>
`
}

/** Bare is the line, not a bar. */
function describeBar({ framework, cpuMicrosPerRequest, cpuMs }) {
  return framework === 'bare' ? [] : [{ framework, ratio: (cpuMicrosPerRequest ?? cpuMs).toBare.median }]
}

function drawHead({ node, processor, launches, rounds, date }) {
  const how = `Node.js ${node}, ${processor}, medians of ${launches * rounds} rounds, ${date.slice(0, 10)}`
  const what = 'less is better; the dashed line is bare node:http'
  return `<text class="head" x="${margin}" y="28">Processor time per request, by that of bare node:http</text>
<text x="${margin}" y="48">${escapeText(`${what}; ${how}`)}</text>
`
}

function drawPanel({ title, bars }, left, top) {
  const bottom = top + titleHeight + bars.length * rowHeight
  const bareX = left + barLeft + barWidth / longestRatio
  return `<g><text class="title" x="${left}" y="${top + 24}">${escapeText(title)}</text>
${bars.map((bar, index) => drawBar(bar, left, top + titleHeight + index * rowHeight)).join('')}\
<line class="bare" x1="${bareX}" x2="${bareX}" y1="${top + titleHeight - 4}" y2="${bottom}"/></g>
`
}

function drawBar({ framework, ratio }, left, top) {
  const ours = framework === 'tribind' ? ' class="ours"' : ''
  const x = left + barLeft
  const length = (Math.min(ratio, longestRatio) / longestRatio) * barWidth
  const figureX = x + Math.max(length, barWidth / longestRatio) + 5
  const cutX = x + barWidth - 10
  const cut = ratio > longestRatio ? `<path class="cut" d="M${cutX} ${top + 14}l5 -13"/>` : ''
  return `<text${ours} x="${x - 6}" y="${top + 12}" text-anchor="end">${framework}</text>\
<rect class="bar${ours && ' ours'}" x="${x}" y="${top + 2}" width="${length.toFixed(1)}" height="12" rx="2"/>${cut}\
<text${ours} x="${figureX.toFixed(1)}" y="${top + 12}">${ratio.toFixed(2)}</text>
`
}

function escapeText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
