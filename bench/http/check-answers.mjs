// Before anything is timed: every framework gives the answer of bare node:http.

import { fetchAnswer } from './fetch-answer.mjs'
import { describeRequest } from './request.mjs'

/** Throws an error that tells every difference to the first of `servers`, each `{ framework, port, requests }`. */
export async function checkAnswers(servers, { status = 200 }) {
  const differences = []
  for (const index of servers[0].requests.keys()) {
    let expected
    for (const { framework, port, requests } of servers) {
      const answer = comparable(await fetchAnswer(port, requests[index]), status)
      expected ??= { ...answer, status }
      for (const [part, value] of Object.entries(answer)) {
        if (value === expected[part]) continue
        const where = `${framework}: ${describeRequest(requests[index])}`
        differences.push(`${where}: ${part} is ${quote(value)}, not ${quote(expected[part])}`)
      }
    }
  }
  if (differences.length > 0) throw new Error(['The answers differ:', ...differences].join('\n  '))
}

/** The parts of an answer that must be the same: all for a 200, only the status for what a framework says by itself. */
function comparable({ status, headers, body }, expectedStatus) {
  if (expectedStatus !== 200) return { status }
  return {
    status,
    'content-type': normalizeType(headers['content-type']),
    'content-length': headers['content-length'],
    body,
  }
}

/** Case and blanks don't matter, nor the charset of JSON, which is always UTF-8 (RFC 8259, section 8.1). */
function normalizeType(type = '') {
  const plain = type.toLowerCase().replaceAll(' ', '')
  return plain === 'application/json;charset=utf-8' ? 'application/json' : plain
}

function quote(value) {
  return value === undefined ? 'missing' : JSON.stringify(value)
}
