// The head of a response as text, and what it says of the framing.

import { STATUS_CODES } from 'node:http'
import { forbiddenInValue, tokenPattern } from './grammar.mjs'

/** What a name says beyond its value. */
const OTHER = 0
const LENGTH = 1
const CODING = 2
const CONNECTION = 3
const DATE = 4
const special = { 'content-length': LENGTH, 'transfer-encoding': CODING, connection: CONNECTION, date: DATE }

/** Names that were checked before: an application has few. */
const known = new Map()
const MAX_KNOWN = 512

const statusLines = new Map(
  Object.entries(STATUS_CODES).map(([status, text]) => [Number(status), `HTTP/1.1 ${status} ${text}\r\n`]),
)

export class ResponseHead {
  text
  /** As its Content-Length says; -1 without one. */
  length = -1
  hasCoding = false
  hasConnection = false
  closes = false
  hasDate = false

  constructor(text) {
    this.text = text
  }
}

/**
 * @param fields names and values in turn, or an object
 * @param set a map of `[name, value]`, or `undefined`: what `fields` has too counts as there
 * @param checks whether names and values are checked
 */
export function createHead(status, reason, fields, set, checks) {
  const line = reason === STATUS_CODES[status] ? statusLines.get(status) : createLine(status, reason)
  const head = new ResponseHead(line)
  if (set !== undefined)
    for (const [name, value] of set.values()) if (!hasName(fields, name)) add(head, name, value, checks)
  if (Array.isArray(fields)) for (let i = 0; i < fields.length; i += 2) add(head, fields[i], fields[i + 1], checks)
  else if (fields !== undefined) for (const name in fields) add(head, name, fields[name], checks)
  return head
}

function createLine(status, reason) {
  if (!Number.isInteger(status) || status < 100 || status > 999) throw new RangeError(`Invalid status code: ${status}`)
  if (forbiddenInValue.test(reason)) throw new TypeError('Invalid character in the reason')
  return `HTTP/1.1 ${status} ${reason}\r\n`
}

function add(head, name, value, checks) {
  if (Array.isArray(value)) {
    for (const one of value) add(head, name, one, checks)
    return
  }
  const kind = known.get(name) ?? learn(name, checks)
  const text = typeof value === 'string' ? value : String(value)
  if (checks && forbiddenInValue.test(text)) throw new TypeError(`Invalid character in the value of "${name}"`)
  head.text += `${name}: ${text}\r\n`
  if (kind !== OTHER) note(head, kind, text)
}

function note(head, kind, value) {
  if (kind === LENGTH) head.length = Number(value)
  else if (kind === CODING) head.hasCoding = true
  else if (kind === DATE) head.hasDate = true
  else {
    head.hasConnection = true
    if (/\bclose\b/i.test(value)) head.closes = true
  }
}

function learn(name, checks) {
  if (checks && !tokenPattern.test(name)) throw new TypeError(`"${name}" is no name of a field`)
  const kind = special[name.toLowerCase()] ?? OTHER
  if (known.size < MAX_KNOWN) known.set(name, kind)
  return kind
}

function hasName(fields, name) {
  if (fields === undefined) return false
  const names = Array.isArray(fields) ? fields.filter((_, i) => i % 2 === 0) : Object.keys(fields)
  return names.some((other) => other.toLowerCase() === name.toLowerCase())
}
