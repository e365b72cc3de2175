import type { Transform } from 'node:stream'

// A server that gets no compressed body never loads it.
const loadZlib = () => process.getBuiltinModule('node:zlib')

const inflaters: Readonly<Record<string, () => Transform>> = {
  gzip: () => loadZlib().createGunzip(),
  'x-gzip': () => loadZlib().createGunzip(),
  deflate: () => loadZlib().createInflate(),
  br: () => loadZlib().createBrotliDecompress(),
}

/**
 * What inflates a body by its Content-Encoding (RFC 9110, section 8.4.1): gzip, deflate or br; `'none'` where it isn't
 * encoded, `undefined` for what isn't supported, such as several encodings.
 */
export function createInflater(contentEncoding: string | undefined): Transform | 'none' | undefined {
  const encoding = contentEncoding?.trim().toLowerCase() ?? ''
  if (encoding === '' || encoding === 'identity') return 'none'
  if (!Object.hasOwn(inflaters, encoding)) return undefined
  return inflaters[encoding]?.()
}
