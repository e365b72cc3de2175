import { realpathSync, statSync } from 'node:fs'
import { dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path'
import { ViewError } from '../base/errors.ts'

const MAX_NAME_LENGTH = 1000
/** A file can have many names, and users may send them. */
const MAX_REMEMBERED = 1000

/** Finds templates by their names, none outside the root. */
export class TemplateFiles {
  readonly #root: string | undefined
  readonly #extension: string
  /** Real paths by paths; `undefined` where files may come and go. */
  readonly #found: Map<string, string> | undefined

  /** @param root a real path; `undefined` where there are no files */
  constructor(root: string | undefined, extension: string, isCached: boolean) {
    this.#root = root
    this.#extension = extension
    this.#found = isCached ? new Map() : undefined
  }

  /**
   * The real path of a template.
   *
   * @param from the file that names it: the name is relative to its folder, or to the root where it begins with `/`
   * @throws ViewError where there is none, or where it lies outside the root, also by a link
   */
  find(name: unknown, from?: string): string {
    if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_LENGTH || /[\0-\x1f\x7f]/.test(name)) {
      throw new ViewError(`${print(name)} can't be the name of a template`)
    }
    const root = this.#root
    if (root === undefined) {
      throw new ViewError(
        `template ${print(name)} can't be found: set the option "view", such as new Server({ view: { root: 'views' } })`,
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
    throw new ViewError(`there is no template ${print(name)}: ${path} can't be found`, { cause })
  }
  checkInside(root, name, real)
  // A pipe or a device would never come to its end.
  if (!statSync(real).isFile()) throw new ViewError(`${real} is not a file and so no template`)
  return real
}

function checkInside(root: string, name: string, path: string): void {
  const way = relative(root, path)
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new ViewError(`the template ${print(name)} lies outside the root of views, ${root}`)
  }
}

function print(name: unknown): string {
  return typeof name === 'string' ? JSON.stringify(name.slice(0, 100)) : `a value of type ${typeof name}`
}
