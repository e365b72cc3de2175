// The head of a request, read strictly: what two readers could read in two ways is refused.

import { METHODS } from 'node:http'
import { COLON, CR, isTarget, isToken, isValue, LF, SPACE, TAB } from './grammar.mjs'

/** An application that serves any method is to be asked for those that its tools know. */
const methods = new Set(METHODS)

/** What the head says, and what it means for the framing. */
export class Head {
  method = ''
  target = ''
  /** Of the version: 0 or 1. */
  minor = 1
  rawHeaders = []
  /** Of the body, in bytes; -1 where no Content-Length says so. */
  length = -1
  isChunked = false
  keepsAlive = true
  closes = false
  awaitsContinue = false
  asksForUpgrade = false
}

/**
 * Reads the head between two offsets, without the last end of line and the empty line.
 *
 * @returns the head, or the status of its refusal
 */
export function readHead(bytes, start, end, maxFields) {
  const text = bytes.latin1Slice(start, end)
  const head = new Head()
  let at = start
  while (isToken[bytes[at]] === 1) at++
  if (at === start || bytes[at] !== SPACE) return 400
  head.method = text.slice(0, at - start)
  if (!methods.has(head.method)) return 501
  const targetStart = ++at
  while (isTarget[bytes[at]] === 1) at++
  if (at === targetStart || bytes[at] !== SPACE) return 400
  head.target = text.slice(targetStart - start, at - start)
  const refusal = readVersion(head, text, at + 1 - start)
  if (refusal !== 0) return refusal
  const wrong = readLines(head.rawHeaders, bytes, at + 11, end, maxFields, text, start)
  return wrong || interpretFields(head) || head
}

/** `HTTP/1.1` up to the end of the line. */
function readVersion(head, text, at) {
  if (!text.startsWith('HTTP/', at)) return 400
  const isLineEnd = text.length === at + 8 || text.startsWith('\r\n', at + 8)
  if (!isLineEnd || !/^\d\.\d$/.test(text.slice(at + 5, at + 8))) return 400
  if (text.charCodeAt(at + 5) === 48) return 400
  const minor = text.charCodeAt(at + 7) - 48
  if (text.charCodeAt(at + 5) !== 49 || minor > 1) return 505
  head.minor = minor
  head.keepsAlive = minor === 1
  return isTargetForm(head) ? 0 : 400
}

/** RFC 9112, section 3.2. */
function isTargetForm({ method, target }) {
  if (method === 'CONNECT') return /^(?:\[[0-9a-f:.]+\]|[^/?@:]+):\d{1,5}$/i.test(target)
  if (target.charCodeAt(0) === 47) return true
  return target === '*' ? method === 'OPTIONS' : /^https?:\/\/[^/?@]+(?:[/?]|$)/i.test(target)
}

/**
 * Reads lines of fields, the last one without its end, into an array of names and values in turn.
 *
 * @param text the bytes from `textStart` on
 * @returns the status of a refusal, or 0
 */
export function readLines(rawHeaders, bytes, start, end, maxFields, text, textStart) {
  let at = start
  while (at < end) {
    const nameStart = at
    while (isToken[bytes[at]] === 1) at++
    // Also of a line that begins with a blank: folded ones are refused (RFC 9112, section 5.2).
    if (at === nameStart || at >= end || bytes[at] !== COLON) return 400
    const nameEnd = at++
    while (bytes[at] === SPACE || bytes[at] === TAB) at++
    const valueStart = at
    while (isValue[bytes[at]] === 1) at++
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return 400
    let valueEnd = at
    while (valueEnd > valueStart && (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB)) valueEnd--
    if (rawHeaders.length === 2 * maxFields) return 431
    rawHeaders.push(text.slice(nameStart - textStart, nameEnd - textStart))
    rawHeaders.push(text.slice(valueStart - textStart, valueEnd - textStart))
    at += 2
  }
  return 0
}

/**
 * Reads what fields say of the connection and the framing. Their names are told apart by length first: most say nothing.
 *
 * @returns the status of a refusal, or 0
 */
export function interpretFields(head) {
  const { rawHeaders } = head
  let hosts = 0
  let upgrades = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    let refusal = 0
    switch (name.length) {
      case 4:
        if (name.toLowerCase() === 'host') hosts++
        break
      case 6:
        if (name.toLowerCase() === 'expect') refusal = readExpect(head, rawHeaders[i + 1])
        break
      case 7:
        if (name.toLowerCase() === 'upgrade') upgrades++
        break
      case 10:
        if (name.toLowerCase() === 'connection') readConnection(head, rawHeaders[i + 1])
        break
      case 14:
        if (name.toLowerCase() === 'content-length') refusal = readLength(head, rawHeaders[i + 1])
        break
      case 17:
        if (name.toLowerCase() === 'transfer-encoding') refusal = readCoding(head, rawHeaders[i + 1])
    }
    if (refusal !== 0) return refusal
  }
  // RFC 9112, sections 3.2 and 6.1.
  if (hosts > 1 || (hosts === 0 && head.minor === 1)) return 400
  if (head.isChunked && (head.length !== -1 || head.minor === 0)) return 400
  if (upgrades === 0 || head.minor === 0) head.asksForUpgrade = false
  return 0
}

function readExpect(head, value) {
  if (value.toLowerCase() !== '100-continue') return 417
  head.awaitsContinue = head.minor === 1
  return 0
}

function readLength(head, value) {
  if (head.length !== -1 || !/^\d{1,15}$/.test(value)) return 400
  head.length = Number(value)
  return 0
}

/** A list, or a second field: what it means would depend on who reads it. */
function readCoding(head, value) {
  if (head.isChunked || value === '') return 400
  if (value.toLowerCase() !== 'chunked') return 501
  head.isChunked = true
  return 0
}

function readConnection(head, value) {
  if (value === 'keep-alive' && head.minor === 1) return
  for (const option of value.toLowerCase().split(',')) {
    const name = option.trim()
    if (name === 'close') head.closes = true
    else if (name === 'keep-alive') head.keepsAlive = true
    else if (name === 'upgrade') head.asksForUpgrade = true
  }
  if (head.closes) head.keepsAlive = false
}
