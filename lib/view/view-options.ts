import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, option } from '../options/option.ts'
import { flag, isFunction, textSchema } from '../options/option-kinds.ts'

/**
 * Renders templates. Any engine can be adapted by two functions.
 *
 * `data` is a new object for every call, without a prototype. Promises in it are awaited before.
 */
export interface ViewEngine {
  /** Renders a file. Its full path exists and is within the root. */
  render(file: string, data: Record<string, unknown>): string | Promise<string>
  /** Renders a text that is itself a template. */
  renderString(text: string, data: Record<string, unknown>): string | Promise<string>
}

/** The folder of templates, and the engine that renders them. */
export interface ViewOptions {
  /** An existing folder, as a path or a `file:` URL; no template outside it is ever read. */
  root: string | URL
  /** Default: eta, which escapes HTML. */
  engine?: ViewEngine
  /** Appended to names of templates without an extension. Default `.eta`, or `.html` with an engine of your own. */
  extension?: string
  /** Whether a template is read only once. Default: whether `NODE_ENV` is `production`. */
  cache?: boolean
}

/** The options of views with their defaults. Without an engine, the default one is used. */
export type ReadViewOptions = Complete<ViewOptions, 'engine'>

/** The table of the option `view`. */
export const viewOptions: OptionTable<ViewOptions, ReadViewOptions> = defineOptions({
  root: option((value) => findFolder(value) !== undefined, 'an existing folder, as a path or a file: URL', {
    required: true,
    json: () => textSchema,
  }),
  engine: option(isEngine, 'an object with the functions render and renderString', { defaultText: 'eta' }),
  extension: option(isExtension, 'an extension such as ".html"', {
    createDefault: ({ engine }) => (engine === undefined ? '.eta' : '.html'),
    json: () => ({ type: 'string' }),
    defaultText: '`.eta`; `.html` with an engine of your own',
  }),
  cache: flag({
    createDefault: () => process.env['NODE_ENV'] === 'production',
    defaultText: 'whether `NODE_ENV` is `production`',
  }),
})

/**
 * Returns the path of a folder with its links resolved, so that a link that changes later doesn't affect a running server.
 *
 * @returns `undefined` unless it is an existing folder
 */
export function findFolder(root: unknown): string | undefined {
  if (root === '') return undefined
  try {
    const path = realpathSync.native(root instanceof URL ? fileURLToPath(root) : resolve(root as string))
    return statSync(path).isDirectory() ? path : undefined
  } catch {
    return undefined
  }
}

function isEngine(value: unknown): boolean {
  if (!isObject(value)) return false
  const { render, renderString } = value as Partial<ViewEngine>
  return isFunction(render) && isFunction(renderString)
}

function isExtension(value: unknown): boolean {
  return typeof value === 'string' && /^(?:\.?[\w-]+(?:\.[\w-]+)*)?$/.test(value)
}
