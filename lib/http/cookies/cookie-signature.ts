import { onDemand } from '../../base/on-demand.ts'

const crypto = onDemand((require) => require('node:crypto') as typeof import('node:crypto'))

// Values that aren't signed are percent-encoded, so that none of them has the colon.
const signedFormat = /^s:(.*)\.([\w-]{43})$/

/** Whether an encoded value has the form of a signed one. */
export function isSigned(raw: string): boolean {
  return signedFormat.test(raw)
}

/** Signs an encoded value together with the name of its cookie, so that it is worth nothing under another. */
export function signValue(name: string, encoded: string, secret: string): string {
  return `s:${encoded}.${digest(name, encoded, secret).toString('base64url')}`
}

/** Gives the encoded value that one of the secrets signed under this name; `undefined` where none did. */
export function verifyValue(name: string, raw: string, secrets: readonly string[]): string | undefined {
  const [, encoded, signature] = signedFormat.exec(raw) ?? []
  if (encoded === undefined || signature === undefined) return undefined
  const given = Buffer.from(signature, 'base64url')
  // The last character has bits to spare: only one spelling of a signature is one.
  if (given.toString('base64url') !== signature) return undefined
  return secrets.some((secret) => crypto().timingSafeEqual(given, digest(name, encoded, secret))) ? encoded : undefined
}

function digest(name: string, encoded: string, secret: string): Buffer {
  return crypto().createHmac('sha256', secret).update(`${name}=${encoded}`).digest()
}
