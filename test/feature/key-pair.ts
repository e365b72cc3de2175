import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const pathOf = (name: string) => fileURLToPath(new URL(`../tls/${name}.pem`, import.meta.url))

/** Two self-signed pairs for localhost and 127.0.0.1, made with `openssl req -x509`, valid until 2126. */
export const files = { key: pathOf('key'), cert: pathOf('cert') }
export const otherFiles = { key: pathOf('other-key'), cert: pathOf('other-cert') }

export const key = readFileSync(files.key, 'utf8')
export const cert = readFileSync(files.cert, 'utf8')
export const otherKey = readFileSync(otherFiles.key, 'utf8')
export const otherCert = readFileSync(otherFiles.cert, 'utf8')
