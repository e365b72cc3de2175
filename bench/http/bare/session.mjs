// Sessions in a Map, found by an id in a cookie signed with HMAC-SHA256.

import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { sessionSecret } from '../content.mjs'

const sessions = new Map()
const cookieField = /(?:^|;) *sid=([^.;]+)\.([^;]+)/

/** Keeps `values` under a new id, and gives that to the client. */
export function createSession(response, values) {
  const id = randomUUID()
  sessions.set(id, values)
  response.setHeader('set-cookie', `sid=${id}.${sign(id)}; Path=/; HttpOnly; SameSite=Lax`)
}

/** The values of the client's session; `undefined` where it has none, or one that we didn't sign. */
export function readSession(request) {
  const found = cookieField.exec(request.headers.cookie ?? '')
  return found && isSignatureOf(found[1], found[2]) ? sessions.get(found[1]) : undefined
}

function isSignatureOf(id, signature) {
  const expected = Buffer.from(sign(id))
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function sign(id) {
  return createHmac('sha256', sessionSecret).update(id).digest('base64url')
}
