import { onDemandOfNode } from '../base/on-demand.ts'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

/** Creates a token; another one each time, so that compressed pages don't tell of it (BREACH). */
export function createCsrfToken(secret: string): string {
  const salt = crypto().randomBytes(12).toString('base64url')
  return `${salt}.${sign(salt, secret)}`
}

/** Returns whether a token was created from the secret. */
export function isCsrfToken(token: string, secret: string): boolean {
  const [, salt, signature] = /^([\w-]{16})\.([\w-]{43})$/.exec(token) ?? []
  if (salt === undefined || signature === undefined) return false
  return crypto().timingSafeEqual(Buffer.from(signature), Buffer.from(sign(salt, secret)))
}

function sign(salt: string, secret: string): string {
  return crypto().createHmac('sha256', secret).update(salt).digest('base64url')
}
