import { ResponseError } from '../../base/errors.ts'
import { type Complete, defineOptions, type OptionTable, type RowsOf } from '../../options/define-options.ts'
import { option } from '../../options/option.ts'
import { flag, integer, isText } from '../../options/option-kinds.ts'

/** How a file is served. */
export interface FileOptions {
  /** How long the client may use it without asking again, in seconds. Default 0: it asks whether it has changed. */
  maxAge?: number
  /** Whether it never changes under this name; only with `maxAge`. Default false. */
  immutable?: boolean
  /**
   * Whether symbolic links below the root are followed, wherever they lead. Default false: a path with a link is answered
   * 404. The root itself may be a link. Without a root, links are always followed.
   */
  followSymlinks?: boolean
  /** The folder that the path is relative to and can't leave; without it, the path is the application's own. */
  root?: string | URL
}

/** The options of `serveFile` with their defaults. */
export type ReadFileOptions = Complete<FileOptions, 'root'>

/** The rows for how a file is served, wherever it lies. */
export const fileRows: RowsOf<Omit<FileOptions, 'root'>> = {
  maxAge: integer({ from: 0, unit: 'seconds' }, { default: 0 }),
  immutable: flag({ default: false }),
  followSymlinks: flag({ default: false }),
}

/** The table of the options of `serveFile`. */
export const fileOptions: OptionTable<FileOptions, ReadFileOptions> = defineOptions(
  {
    ...fileRows,
    root: option((value) => isText(value) || value instanceof URL, 'a folder, as a path or a file: URL'),
  },
  { owner: 'serveFile', error: ResponseError },
)

/** Returns the Cache-Control of a file. */
export function cacheControlOf({ maxAge, immutable }: Pick<ReadFileOptions, 'maxAge' | 'immutable'>): string {
  return `public, max-age=${maxAge}${immutable ? ', immutable' : ''}`
}
