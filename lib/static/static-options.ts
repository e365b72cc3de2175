import { RouteError } from '../base/errors.ts'
import { type FileOptions, fileRows } from '../http/files/file-options.ts'
import { isRefusedName } from '../http/files/locate-file.ts'
import { defineOptions, type OptionTable, type RowsOf } from '../options/define-options.ts'
import { type JsonSchema, option } from '../options/option.ts'
import { flag, textSchema } from '../options/option-kinds.ts'

/** How a static folder is served. */
export interface StaticOptions extends Omit<FileOptions, 'root'> {
  /** The files that stand for their folder, the first that exists. Default `index.html`; false or an empty list: none. */
  index?: string | readonly string[] | false
  /** Whether a folder without such a file is answered with a list of what is in it. Default false. */
  listing?: boolean
  /**
   * The page of an application that has its own routes in the browser, as a path in the folder: where nothing is found, it
   * answers requests that name `text/html` in Accept, unless the path ends with the extension of a known type. Default false: none.
   */
  fallback?: string | false
  /** Whether `file.br`, `file.zst` or `file.gz` answers for `file` where it is there and the client takes it. Default false. */
  preCompressed?: boolean
  /** Whether what is known of a file counts for a second, and small files stay in memory. Default true. */
  cache?: boolean
}

/** The rows for how a folder is served, wherever it lies. */
export const staticRows: RowsOf<StaticOptions> = {
  index: option(isIndex, 'the name of a file, an array of such, or false', {
    default: 'index.html',
    json: indexSchema,
  }),
  listing: flag({ default: false }),
  fallback: option(isFallback, 'the path of a file in the folder, such as "index.html", or false', {
    default: false,
    json: () => ({ anyOf: [textSchema, { const: false }] }),
  }),
  preCompressed: flag({ default: false }),
  cache: flag({ default: true }),
  ...fileRows,
}

/** The table of the options of `serveStatic`. */
export const staticOptions: OptionTable<StaticOptions> = defineOptions(staticRows, {
  owner: 'serveStatic',
  error: RouteError,
})

function isIndex(value: unknown): boolean {
  return value === false || [value].flat().every((name) => typeof name === 'string' && !isRefusedName(name))
}

function isFallback(value: unknown): boolean {
  return value === false || (typeof value === 'string' && !value.split('/').some(isRefusedName))
}

function indexSchema(): JsonSchema {
  return { anyOf: [textSchema, { type: 'array', items: textSchema }, { const: false }] }
}
