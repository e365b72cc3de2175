import type { Transform } from 'node:stream'
import { onDemandOfNode } from '../base/on-demand.ts'

/** A coding of content (RFC 9110, section 8.4.1). */
export type ContentCoding = 'br' | 'zstd' | 'gzip' | 'deflate'

const zlib = onDemandOfNode<typeof import('node:zlib') & Zstd>('node:zlib')

/** What Node 20 doesn't have yet. */
interface Zstd {
  readonly createZstdCompress?: (options: object) => Transform
  readonly constants: { readonly ZSTD_e_flush?: number }
}

/** Brotli's own default, 11, is for what is compressed once and kept. */
const BROTLI_QUALITY = 4

/** Each encoder is flushed after every chunk, so that no input waits in it for more. */
const encoders: Readonly<Record<ContentCoding, () => (() => Transform) | undefined>> = {
  br: () => {
    const { BROTLI_OPERATION_FLUSH, BROTLI_PARAM_QUALITY } = zlib().constants
    const options = { flush: BROTLI_OPERATION_FLUSH, params: { [BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }
    return () => zlib().createBrotliCompress(options)
  },
  zstd: () => {
    const { createZstdCompress, constants } = zlib()
    return createZstdCompress && (() => createZstdCompress({ flush: constants.ZSTD_e_flush }))
  },
  gzip: () => () => zlib().createGzip({ flush: zlib().constants.Z_SYNC_FLUSH }),
  deflate: () => () => zlib().createDeflate({ flush: zlib().constants.Z_SYNC_FLUSH }),
}

export const contentCodings: readonly ContentCoding[] = Object.keys(encoders) as ContentCoding[]

/** Makes an encoder of that coding; `undefined` where Node has none. */
export function encoderOf(coding: ContentCoding): (() => Transform) | undefined {
  return encoders[coding]()
}
