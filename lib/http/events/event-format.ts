import { ResponseError } from '../../base/errors.ts'
import { printValue } from '../../options/print-value.ts'
import { formatJson } from '../output/response-body.ts'

/** One event of an event stream (HTML Living Standard, section 9.2). */
export interface ServerSentEvent {
  /** What listeners are chosen by; without it, `message`. */
  readonly event?: string | undefined
  /** Text goes out as it is, anything else as JSON. */
  readonly data: unknown
  /** What the client sends back in `Last-Event-ID` when it connects again; `''` makes it forget the last one. */
  readonly id?: string | number | undefined
  /** How long the client waits before it connects again, in milliseconds. */
  readonly retry?: number | undefined
}

const fieldNames = new Set(['event', 'data', 'id', 'retry'])
const lineEnd = /\r\n|\r|\n/

/**
 * Whether a value is an event and not data: an object with `data` of its own, and nothing else than the fields of one.
 */
export function isServerSentEvent(value: unknown): value is ServerSentEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, 'data') &&
    Object.keys(value).every((name) => fieldNames.has(name))
  )
}

/**
 * An event as it goes over the wire; each line of its data is a field of its own, whatever ends the line.
 *
 * @throws ResponseError for an `event` or `id` with CR, LF or NUL, a `retry` that isn't a whole number from 0, and data that
 * JSON has no text for; `undefined` is `null`
 */
export function formatEvent({ event, data, id, retry }: ServerSentEvent): string {
  let text = ''
  if (event !== undefined) text += `event: ${checkField('event', event)}\n`
  if (id !== undefined) text += `id: ${checkField('id', id)}\n`
  if (retry !== undefined) text += `retry: ${checkRetry(retry)}\n`
  const content = typeof data === 'string' ? data : formatJson(data === undefined ? null : data)
  for (const line of content.split(lineEnd)) text += `data: ${line}\n`
  return `${text}\n`
}

/** A comment as it goes over the wire; clients skip it. */
export function formatComment(text: string): string {
  return `${text
    .split(lineEnd)
    .map((line) => (line === '' ? ':\n' : `: ${line}\n`))
    .join('')}\n`
}

function checkField(name: string, value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || /[\r\n\0]/.test(text)) {
    throw new ResponseError(
      `the ${name} of an event must be a string without CR, LF and NUL, got ${printValue(value)}`,
      { failure: 'ERR_TRIBIND_EVENT_FIELD' },
    )
  }
  return text
}

function checkRetry(value: unknown): number {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value)
  throw new ResponseError(`the retry of an event must be an integer from 0 (milliseconds), got ${printValue(value)}`, {
    failure: 'ERR_TRIBIND_EVENT_RETRY',
  })
}
