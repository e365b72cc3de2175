import type { Stats } from 'node:fs'
import { onDemand } from '../../base/on-demand.ts'
import type { Located } from './locate-file.ts'

/** What is known of a file that is served. */
export interface FileFacts {
  /** Absolute. */
  readonly path: string
  readonly stats: Stats
  /** Its media type, by the name it was asked for. */
  readonly type: string
  /** Weak: size and time. */
  readonly etag: string
  /** `undefined` for a precompressed neighbour, whose date may be that of the file: it tells none of them apart. */
  readonly lastModified: string | undefined
  /** The Content-Encoding of a precompressed neighbour. */
  readonly coding?: string
  /** Where its content is kept. */
  readonly memory?: FileMemory
}

/** Keeps the content of a file for later requests. */
export interface FileMemory {
  readonly bytes: Buffer | undefined
  keep(bytes: Buffer): void
}

const loadMime = onDemand<typeof import('mime')>('mime', () => require('mime'))
/** The media types that are sent with `charset=utf-8`. */
const isText = /^(?:text\/|application\/(?:javascript|json))/

/** Describes what was found; `undefined` for anything but a file. */
export function describeFile(found: Located | undefined): FileFacts | undefined {
  if (found?.stats.isFile() !== true) return undefined
  const { path, name, stats } = found
  const tag = `${stats.size.toString(16)}-${stats.mtime.getTime().toString(16)}`
  const type = typeOf(name) ?? 'application/octet-stream'
  return {
    path,
    stats,
    type: isText.test(type) ? `${type}; charset=utf-8` : type,
    etag: `W/"${tag}"`,
    lastModified: stats.mtime.toUTCString(),
  }
}

/** Returns the media type of a file by its extension; `undefined` for one that isn't known. */
export function typeOf(name: string): string | undefined {
  // Alone, a name without a dot would be taken for an extension.
  return loadMime().getType(`./${name}`) ?? undefined
}
