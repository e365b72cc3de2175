import { onDemandOfNode } from '../base/on-demand.ts'
import type { RequestCore } from '../http/request-core.ts'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

/** What the tokens of one client are made from. */
export interface CsrfSecret {
  /** `undefined` where the client has none. */
  read(): string | undefined
  /** Gives the client one. */
  create(): string
}

const KEY = 'csrfSecret'

/** Returns the secret that a session keeps. */
export function secretInSession(core: RequestCore): CsrfSecret {
  return {
    read() {
      const secret = core.openSession().get(KEY)
      return typeof secret === 'string' ? secret : undefined
    },
    create() {
      const secret = createSecret()
      core.openSession().set(KEY, secret)
      return secret
    },
  }
}

/** Returns the secret that a signed cookie keeps: pages of other sites can neither read it nor make one. */
export function secretInCookie(core: RequestCore): CsrfSecret {
  // Over TLS no other host of the same domain can set it either (RFC 6265bis, section 4.1.3.2).
  const name = core.protocol === 'https' ? '__Host-csrf' : 'csrf'
  return {
    read: () => core.cookie.get(name, { signed: true }),
    create() {
      const secret = createSecret()
      core.cookie.set(name, secret, { signed: true })
      return secret
    },
  }
}

function createSecret(): string {
  return crypto().randomBytes(32).toString('base64url')
}
