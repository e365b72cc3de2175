import { STATUS_CODES } from 'node:http'
import type { ExplainedBinding } from '../../kit.ts'
import type { Matched } from './explain-at.ts'
import { type Output, printable } from './output.ts'
import type { AskedFor } from './read-request.ts'
import { nameOf, patternOf, shorten } from './show-binding.ts'
import { wrap } from './table.ts'

/** A line of the answer: what it tells, in one of a few words, and the text. */
type Line = readonly [label: string, text: string]

const LABEL = 'parameters  '.length

/** Formats what becomes of a request at each server. */
export function formatMatch(asked: AskedFor, all: readonly Matched[], output: Output): string {
  const { method, scheme, host, port, path, query } = asked
  const at = scheme === undefined ? '' : `${asked.asksForWebSocket ? scheme.replace('http', 'ws') : scheme}://${host}`
  const request = `${method} ${at}${port === undefined ? '' : `:${port}`}${path}${query}`
  const parts = all.map((one) =>
    linesOf(one)
      .map((line) => formatLine(line, output))
      .join(''),
  )
  return `${output.style('bold', printable(request))}\n\n${parts.join('\n')}`
}

function linesOf(matched: Matched): Line[] {
  const { server, entryPoint, served, others, hooks, middleware, mounted } = matched
  return [
    ['server', `"${server}", entry point "${entryPoint}"`],
    ...outcome(matched),
    ...Object.entries(served?.params ?? {}).map(([name, value], i): Line => [
      i === 0 ? 'parameters' : '',
      `${name} = ${value}`,
    ]),
    ...listed('middleware', middleware.map(describe)),
    ...listed('hooks', hooks.map(describe)),
    ...others.flatMap((other, i): Line[] => [
      [i === 0 ? 'behind' : '', describe(other)],
      ['', `  ${other.why}`],
    ]),
    ...(mounted === undefined ? [] : linesOf(mounted)),
  ]
}

function outcome({ served, answer, instead, mounted }: Matched): Line[] {
  const { status = 0, allow, location } = answer ?? {}
  const details = [
    ...(allow === undefined ? [] : [`Allow: ${allow.join(', ')}`]),
    ...(location === undefined ? [] : [`Location: ${location}`]),
  ]
  const answered: Line[] =
    answer === undefined || status === 200
      ? []
      : [['answer', [`${status} ${STATUS_CODES[status] ?? ''}`, ...details].join('; ')]]
  if (instead === 'connections') return [['served by', 'a service that takes the connections in place of the routes']]
  if (served === undefined) return [['served by', 'nothing'], ...answered]
  const by =
    mounted === undefined
      ? describe(served)
      : `${patternOf(served)}  server "${mounted.server}"  ${shorten(served.origin)}`
  return [['served by', by], ...answered]
}

function listed(label: string, texts: readonly string[]): Line[] {
  return texts.map((text, i) => [i === 0 ? label : '', text])
}

function describe(binding: ExplainedBinding): string {
  const { type, hook, layer, entryPoint, origin } = binding
  const kind = hook ?? (type === 'middleware' ? '' : type)
  const where = [
    ...(layer === undefined ? [] : [`layer "${layer}"`]),
    ...(entryPoint === undefined ? [] : [`entry point "${entryPoint}"`]),
  ]
  const what = `${kind} ${nameOf(binding)}`.trim()
  return [patternOf(binding), what, shorten(origin), ...where].join('  ')
}

function formatLine([label, text]: Line, output: Output): string {
  const indent = ' '.repeat(text.length - text.trimStart().length)
  const lines = wrap(printable(text.trim()), Math.max(20, output.columns - LABEL - indent.length))
  return lines
    .map((line, i) => `${output.style('bold', (i === 0 ? label : '').padEnd(LABEL))}${indent}${line}`.trimEnd() + '\n')
    .join('')
}
