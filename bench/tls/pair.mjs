import { readFileSync } from 'node:fs'

const read = (name) => readFileSync(new URL(`../../test/tls/${name}.pem`, import.meta.url), 'utf8')

/** The key (ECDSA, P-256) and the certificate of all servers. */
export function readPair() {
  return { key: read('key'), cert: read('cert') }
}
