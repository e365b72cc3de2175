import { realpathSync, statSync } from 'node:fs'
import { dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path'
import { ViewError } from '../base/errors.ts'

const MAX_NAME_LENGTH = 1000
/** A limit, because a file can have many names and clients may send them. */
const MAX_REMEMBERED = 1000

/** Finds templates by name, only within the root. */
export class TemplateFiles {
  readonly #root: string | undefined
  readonly #extension: string
  /** Real paths by path; `undefined` if files may change. */
  readonly #found: Map<string, string> | undefined

  /** @param root a real path; `undefined` if there are no files */
  constructor(root: string | undefined, extension: string, isCached: boolean) {
    this.#root = root
    this.#extension = extension
    this.#found = isCached ? new Map() : undefined
  }

  /**
   * Returns the real path of a template.
   *
   * @param from the file that names the template: the name is relative to its folder, or to the root if it begins with `/`
   * @throws ViewError if the template doesn't exist or is outside the root, also by a link
   */
  find(name: unknown, from?: string): string {
    if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_LENGTH || /[\0-\x1f\x7f]/.test(name)) {
      throw new ViewError(
        `the name of a template must be a string of 1 to ${MAX_NAME_LENGTH} characters without control characters, got ${print(name)}`,
        { failure: 'ERR_TRIBIND_VIEW_NAME' },
      )
    }
    const root = this.#root
    if (root === undefined) {
      throw new ViewError(
        `template ${print(name)} can't be found: set the option "view", such as new Server({ view: { root: 'views' } })`,
        { failure: 'ERR_TRIBIND_VIEW_ROOT_MISSING' },
      )
    }
    const isFromRoot = from === undefined || /^[/\\]/.test(name)
    const file = extname(name) === '' ? name + this.#extension : name
    const path = resolve(isFromRoot ? root : dirname(from), file.replace(/^[/\\]+/, ''))
    const found = this.#found?.get(path)
    if (found !== undefined) return found
    const real = open(root, name, path)
    if (this.#found !== undefined) {
      if (this.#found.size >= MAX_REMEMBERED) this.#found.clear()
      this.#found.set(path, real)
    }
    return real
  }
}

function open(root: string, name: string, path: string): string {
  checkInside(root, name, path)
  let real: string
  try {
    real = realpathSync.native(path)
  } catch (cause) {
    throw new ViewError(`template ${print(name)} doesn't exist: ${path} can't be found`, {
      failure: 'ERR_TRIBIND_VIEW_NOT_FOUND',
      cause,
    })
  }
  checkInside(root, name, real)
  // A pipe or a device might never end.
  if (!statSync(real).isFile())
    throw new ViewError(`template ${print(name)} must be a file: ${real} isn't one`, {
      failure: 'ERR_TRIBIND_VIEW_NOT_A_FILE',
    })
  return real
}

function checkInside(root: string, name: string, path: string): void {
  const way = relative(root, path)
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new ViewError(`template ${print(name)} must not be outside the root of views, ${root}`, {
      failure: 'ERR_TRIBIND_VIEW_OUTSIDE_ROOT',
    })
  }
}

function print(name: unknown): string {
  return typeof name === 'string' ? JSON.stringify(name.slice(0, 100)) : `a value of type ${typeof name}`
}
