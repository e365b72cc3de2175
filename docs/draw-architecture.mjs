// Draws the two diagrams of docs/architecture.md: `node docs/draw-architecture.mjs [folder]`, into docs/ by default.
// test/docs/architecture.test.ts fails if the committed files differ from its output.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const WIDTH = 900
const LINE_HEIGHT = 17
const folder = process.argv[2] ?? fileURLToPath(new URL('.', import.meta.url))

// The colours follow the reader's setting; the background is drawn, since the page behind may not.
const style = `
  .page { fill: #ffffff }
  .box { fill: #f3f6fa; stroke: #57606a; stroke-width: 1.2 }
  .choice { fill: #fff8e1; stroke: #9a6700; stroke-width: 1.2 }
  .event { fill: #e8f3ec; stroke: #1a7f37; stroke-width: 1.2 }
  .end { fill: none; stroke: #8c959f; stroke-width: 1.2; stroke-dasharray: 4 3 }
  .line { fill: none; stroke: #57606a; stroke-width: 1.4 }
  .head, .dot { fill: #57606a }
  text { font: 14px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }
  .note { font-size: 12.5px; fill: #57606a }
  .title { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 }
    .box { fill: #161b22; stroke: #8b949e }
    .choice { fill: #272115; stroke: #d29922 }
    .event { fill: #12261e; stroke: #3fb950 }
    .end { stroke: #6e7681 }
    .line { stroke: #8b949e }
    .head, .dot { fill: #8b949e }
    text { fill: #e6edf3 }
    .note { fill: #9da7b3 }
  }`

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

function label(x, y, text, { kind = '', anchor = 'start' } = {}) {
  return `<text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}">${escape(text)}</text>`
}

/** Lines of text under one another, the block as a whole centred on `middle`. */
function lines(x, middle, texts, options) {
  const first = middle + 5 - ((texts.length - 1) * LINE_HEIGHT) / 2
  return texts.map((text, i) => label(x, first + i * LINE_HEIGHT, text, options)).join('\n')
}

/** A box with lines of text in its centre, and smaller notes below them. */
function box({ x, y, width, height, kind = 'box' }, texts, notes = []) {
  const middle = y + height / 2
  const centre = x + width / 2
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" class="${kind}"/>`,
    lines(centre, middle - (notes.length * LINE_HEIGHT) / 2, texts, { anchor: 'middle' }),
    ...(notes.length === 0
      ? []
      : [lines(centre, middle + (texts.length * LINE_HEIGHT) / 2, notes, { kind: 'note', anchor: 'middle' })]),
  ].join('\n')
}

/** A line through the points, with an arrowhead at its end. */
function arrow(...points) {
  const path = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join(' ')
  return `<path d="${path}" class="line" marker-end="url(#head)"/>`
}

function page(title, height, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}">
<title>${escape(title)}</title>
<style>${style}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" class="head"/></marker></defs>
<rect width="${WIDTH}" height="${height}" class="page"/>
${parts.flat().join('\n')}
</svg>
`
}

/** Boxes beside one another, each leading to the next. */
function row(y, height, boxes) {
  const gap = 28
  const width = (WIDTH - 40 - gap * (boxes.length - 1)) / boxes.length
  return boxes.flatMap(({ kind, text, note }, i) => {
    const x = 20 + i * (width + gap)
    const drawn = box({ x, y, width, height, kind }, [text], [note])
    return i === 0 ? [drawn] : [arrow([x - gap, y + height / 2], [x, y + height / 2]), drawn]
  })
}

const STEP_HEIGHT = 34
const STEP_PITCH = 48
const STEPS_TOP = 175

/** The steps of lib/pipeline/pipeline.ts, in their order; `isEvent`: nothing but the hooks of that event. */
const steps = [
  { name: 'load session', note: 'if sessions are enabled and the request brings the cookie' },
  { name: 'BeforeServe', isEvent: true },
  { name: 'service', note: 'middleware, outermost first; inside the last one the endpoint' },
  { name: 'end service', note: 'from here on response.status is known; the observers are told', isEssential: true },
  { name: 'AfterServe', isEvent: true },
  { name: 'decide status', note: '200; or 404, 405 or 426 if no route serves', isEssential: true, isRepeatable: true },
  { name: 'status handlers', note: 'those bound to the status', isRepeatable: true },
  { name: 'BeforePatch', isEvent: true },
  { name: 'pack', note: 'saves the session; turns cookies into header fields', isEssential: true, isRepeatable: true },
  { name: 'AfterPatch', isEvent: true },
  { name: 'BeforeOutput', isEvent: true },
  { name: 'output', note: 'sends head and body', isEssential: true, isRepeatable: true },
  { name: 'AfterOutput', isEvent: true },
]

const dot = (x, y) => `<circle cx="${x}" cy="${y}" r="4.5" class="dot"/>`

function drawStep({ name, note = 'hooks, most specific pattern first', isEvent, isEssential, isRepeatable }, i) {
  const y = STEPS_TOP + i * STEP_PITCH
  const middle = y + STEP_HEIGHT / 2
  return [
    i === 0 ? [] : arrow([130, y - STEP_PITCH + STEP_HEIGHT], [130, y]),
    box({ x: 40, y, width: 180, height: STEP_HEIGHT, kind: isEvent ? 'event' : 'box' }, [name]),
    lines(240, middle, [note], { kind: 'note' }),
    isEssential ? dot(700, middle) : [],
    isRepeatable ? dot(820, middle) : [],
  ].flat()
}

function drawRequest() {
  const closeTop = STEPS_TOP + steps.length * STEP_PITCH + 56
  return page('From the socket to the response', closeTop + 75, [
    row(20, 58, [
      { text: 'listener', note: 'lib/entrypoint' },
      { text: 'dispatcher', note: 'lib/pipeline/dispatcher.ts' },
      { text: 'find route', note: 'lib/routing' },
      { text: 'plan', note: 'lib/pipeline/plan.ts' },
    ]),
    arrow([789, 78], [789, 102], [130, 102], [130, STEPS_TOP]),
    label(240, 132, 'Steps: lib/pipeline/pipeline.ts', { kind: 'title' }),
    label(240, 150, 'A plan contains only the steps that have something to do.', { kind: 'note' }),
    lines(700, 140, ['runs after', 'exitAll()'], { kind: 'note', anchor: 'middle' }),
    lines(820, 140, ['runs again', 'after a failure'], { kind: 'note', anchor: 'middle' }),
    steps.flatMap(drawStep),
    arrow([130, closeTop - 56 - STEP_PITCH + STEP_HEIGHT], [130, closeTop]),
    label(240, closeTop - 34, 'Off the path of the request: lib/pipeline/close.ts', { kind: 'title' }),
    label(240, closeTop - 16, 'once for each request, whatever happened before', { kind: 'note' }),
    row(closeTop, 58, [
      { text: 'closed', note: 'finished or disconnected' },
      { kind: 'event', text: 'BeforeClose', note: 'hooks' },
      { text: 'release', note: 'upload files, session' },
      { kind: 'event', text: 'AfterClose', note: 'hooks' },
    ]),
  ])
}

const FAILURE_HEIGHT = 52
const FAILURE_PITCH = 84

/** What handleFailure in lib/pipeline/handle-failure.ts decides, in its order; `outcome` is what a yes leads to. */
const failure = [
  { texts: ['A step throws'] },
  { texts: ['Is it an Exit?'], outcome: ['The response is restored as exitAll() left it.', 'The next step runs.'] },
  {
    texts: ['Log the error, tell the observers'],
    note: ['HttpError below 500 at level debug, any other at level error;', 'the channel tribind.request.error'],
  },
  { texts: ['After exitAll(), in a step', 'that it skips?'], outcome: ['The next step runs.'] },
  {
    texts: ['Is the response sent?'],
    outcome: ['If it is incomplete, the socket is destroyed.', 'The next step runs.'],
  },
  { texts: ['More than 20 failures?'], outcome: ['The socket is destroyed.', 'No further step runs.'] },
  {
    texts: ['Replace the response'],
    note: ['HttpError: its status and message; any other: 500', 'The session can be saved again.'],
  },
  {
    texts: ['Is it a step before', '"decide status"?'],
    outcome: ['The next step runs; if load session or BeforeServe', 'failed, the first step after the service.'],
  },
  {
    texts: ['Resume at "decide status"'],
    note: [
      'Steps that run again do so; hooks up to the failed step do not.',
      'If the handlers of a status failed, they are skipped for that status.',
    ],
  },
  {
    texts: ['Did any of this throw?'],
    outcome: ['The socket is destroyed, the error is logged,', 'and no further step runs.'],
  },
]

function drawDecision({ texts, note, outcome }, i) {
  const y = 20 + i * FAILURE_PITCH
  const middle = y + FAILURE_HEIGHT / 2
  const frame = { x: 40, y, width: 270, height: FAILURE_HEIGHT, kind: outcome === undefined ? 'box' : 'choice' }
  return [
    i === 0 ? [] : arrow([175, y - FAILURE_PITCH + FAILURE_HEIGHT], [175, y]),
    i > 0 && failure[i - 1].outcome !== undefined ? label(185, y - 12, 'no', { kind: 'note' }) : [],
    box(frame, texts),
    note === undefined ? [] : lines(330, middle, note, { kind: 'note' }),
    outcome === undefined ? [] : drawOutcome(y, middle, outcome),
  ].flat()
}

function drawOutcome(y, middle, outcome) {
  return [
    arrow([310, middle], [430, middle]),
    label(355, middle - 7, 'yes', { kind: 'note' }),
    `<rect x="430" y="${y}" width="430" height="${FAILURE_HEIGHT}" rx="6" class="end"/>`,
    lines(446, middle, outcome),
  ]
}

function drawFailure() {
  const height = 20 + failure.length * FAILURE_PITCH - (FAILURE_PITCH - FAILURE_HEIGHT) + 20
  return page('The handling of failures', height, failure.flatMap(drawDecision))
}

writeFileSync(join(folder, 'request-flow.svg'), drawRequest())
writeFileSync(join(folder, 'failure-flow.svg'), drawFailure())
