// Before anything is timed: every framework gives the answer of bare node:http.

import { get } from 'node:http'

/** Throws an error that tells every difference to the first of `servers`, each `{ framework, port }`. */
export async function checkAnswers(servers, { paths, status = 200 }) {
  const differences = []
  for (const path of paths) {
    let expected
    for (const { framework, port } of servers) {
      const answer = await fetchAnswer(port, path, status)
      expected ??= { ...answer, status }
      for (const [part, value] of Object.entries(answer)) {
        if (value === expected[part]) continue
        differences.push(`${framework}: ${path}: ${part} is ${quote(value)}, not ${quote(expected[part])}`)
      }
    }
  }
  if (differences.length > 0) throw new Error(['The answers differ:', ...differences].join('\n  '))
}

/** The parts of an answer that must be the same: all for a 200, only the status for what a framework says by itself. */
async function fetchAnswer(port, path, expectedStatus) {
  const response = await new Promise((resolve, reject) =>
    get({ port, path, host: '127.0.0.1', agent: false, timeout: 5000 }, resolve)
      .on('timeout', function () {
        this.destroy(new Error(`no answer for ${path} in 5 s`))
      })
      .on('error', reject),
  )
  const body = Buffer.concat(await response.toArray()).toString()
  if (expectedStatus !== 200) return { status: response.statusCode }
  return {
    status: response.statusCode,
    'content-type': normalizeType(response.headers['content-type']),
    'content-length': response.headers['content-length'],
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
