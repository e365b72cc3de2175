import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../base/errors.ts'
import { noSuchOption } from '../options/no-such-option.ts'

/**
 * What renders templates. Any engine becomes one by two functions.
 *
 * `data` is an object of its own for every call, and inherits nothing. Promises in it are awaited before.
 */
export interface ViewEngine {
  /** Renders a file, given by its full path: it exists and lies in the root. */
  render(file: string, data: Record<string, unknown>): string | Promise<string>
  /** Renders a text that is a template itself. */
  renderString(text: string, data: Record<string, unknown>): string | Promise<string>
}

/** Where templates are and what renders them. */
export interface ViewOptions {
  /** An existing folder, as a path or a `file:` URL; no template outside it is ever read. */
  root: string | URL
  /** Default: eta, which escapes HTML. */
  engine?: ViewEngine
  /** What a template's name gets that has none. Default `.eta`; for an engine of your own `.html`. */
  extension?: string
  /** Whether a template is read once only. Default: whether `NODE_ENV` is `production`. */
  cache?: boolean
}

/** The options of views, complete; without an engine the default one is to be used. */
export interface ViewSettings {
  /** `undefined` where there are no files. */
  readonly root: string | undefined
  readonly engine: ViewEngine | undefined
  readonly extension: string
  readonly cache: boolean
}

const names = new Set(['root', 'engine', 'extension', 'cache'])

/** @throws ConfigError naming a field that doesn't exist, or one whose value is out of range and that range */
export function readViewOptions(given: ViewOptions): ViewSettings {
  const unknown = Object.keys(given).find((name) => !names.has(name))
  if (unknown !== undefined) throw new ConfigError(noSuchOption(unknown, names, 'view.'))
  const { engine, cache = process.env['NODE_ENV'] === 'production' } = given
  const { extension = engine === undefined ? '.eta' : '.html' } = given
  if (engine !== undefined && !isEngine(engine)) fail('engine', 'an object with the functions render and renderString')
  if (typeof cache !== 'boolean') fail('cache', 'true or false')
  if (typeof extension !== 'string' || !/^(?:\.?[\w-]+(?:\.[\w-]+)*)?$/.test(extension))
    fail('extension', 'one such as ".html"')
  const dotted = extension === '' || extension.startsWith('.') ? extension : `.${extension}`
  return { root: findFolder(given.root), engine, extension: dotted, cache }
}

/** Without links, so that one that is changed later changes nothing under a running server. */
function findFolder(root: unknown): string {
  try {
    const path = realpathSync.native(root instanceof URL ? fileURLToPath(root) : resolve(root as string))
    if (root !== '' && statSync(path).isDirectory()) return path
  } catch (cause) {
    return fail('root', `an existing folder, not ${print(root)}`, cause)
  }
  return fail('root', `an existing folder, not ${print(root)}`)
}

function isEngine(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { render, renderString } = value as Partial<ViewEngine>
  return typeof render === 'function' && typeof renderString === 'function'
}

function fail(name: string, range: string, cause?: unknown): never {
  throw new ConfigError(`the option "view.${name}" is ${range}`, { cause })
}

function print(value: unknown): string {
  return typeof value === 'string' || value instanceof URL ? JSON.stringify(String(value)) : typeof value
}
