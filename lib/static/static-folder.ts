import { readdir } from 'node:fs/promises'
import { createListing, type ListedEntry } from './directory-listing.ts'
import { defineOptions, type OptionTable, type RowsOf } from '../options/define-options.ts'
import { type JsonSchema, option } from '../options/option.ts'
import { flag, textSchema } from '../options/option-kinds.ts'
import { RouteError } from '../base/errors.ts'
import { type FileOptions, fileRows, type ReadFileOptions } from '../http/files/file-options.ts'
import { isRefusedName, type Located, locateInside } from '../http/files/locate-file.ts'
import { serveFile } from '../http/files/serve-file.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf, type Request } from '../http/request.ts'

/** How a static folder is served. */
export interface StaticOptions extends Omit<FileOptions, 'root'> {
  /** The files that stand for their folder, the first that exists. Default `index.html`; false or an empty list: none. */
  index?: string | readonly string[] | false
  /** Whether a folder without such a file is answered with a list of what is in it. Default false. */
  listing?: boolean
}

/** The rows for how a folder is served, wherever it lies. */
export const staticRows: RowsOf<StaticOptions> = {
  index: option(isIndex, 'the name of a file, an array of such, or false', {
    default: 'index.html',
    json: indexSchema,
  }),
  listing: flag({ default: false }),
  ...fileRows,
}

/** The table of the options of `serveStatic`. */
export const staticOptions: OptionTable<StaticOptions> = defineOptions(staticRows, {
  owner: 'serveStatic',
  error: RouteError,
})

const folders = new WeakMap<object, StaticFolder>()

/** Returns the folder whose `endpoint` it is. */
export function folderOf(endpoint: object): StaticFolder | undefined {
  return folders.get(endpoint)
}

/** What a folder answers. */
export interface FolderAnswer {
  readonly status: 200 | 301 | 404
  /** Of a redirect. */
  readonly location?: string
}

/** A folder whose files are served under the prefix of a route. */
export class StaticFolder {
  /** Its `serve`, as it is bound. */
  readonly endpoint: (request: Request) => Promise<void> = (request) => this.serve(request)
  readonly #root: string
  readonly #depth: number
  readonly #fileOptions: ReadFileOptions
  readonly #listing: boolean
  readonly #index: readonly string[]

  /**
   * @param root absolute
   * @param depth how many segments of a path belong to the prefix
   * @throws RouteError naming the option that doesn't exist or has a wrong value
   */
  constructor(root: string, depth: number, options: StaticOptions) {
    const { index, listing, ...fileOptions } = staticOptions.parse(options)
    this.#root = root
    this.#depth = depth
    this.#fileOptions = fileOptions
    this.#listing = listing
    this.#index = index === false ? [] : typeof index === 'string' ? [index] : index
    folders.set(this.endpoint, this)
  }

  /** Returns what a request is answered that nothing stops before. @throws HttpError 403 for what this process may not read */
  async foresee(asked: Pick<RequestCore, 'rawPath' | 'segments' | 'url'>): Promise<FolderAnswer> {
    const names = (asked.segments ?? []).slice(this.#depth)
    const found = await this.#locate(names)
    if (found?.stats.isFile()) return { status: 200 }
    const isServed = found?.stats.isDirectory() && (this.#listing || (await this.#locateIndex(names)) !== undefined)
    if (!isServed) return { status: 404 }
    return endsWithSlash(asked) ? { status: 200 } : { status: 301, location: locationInside(asked) }
  }

  /** Answers a request by the decoded segments of its path; where there is nothing, as if no route served it. */
  async serve(request: Request): Promise<void> {
    const core = coreOf(request)
    const { response, changed } = core
    const { segments = [] } = changed?.path ?? core
    const names = segments.slice(Math.max(0, this.#depth - (changed?.stripped ?? 0)))
    const found = await this.#locate(names)
    if (found?.stats.isFile()) return serveFile(response, async () => found, this.#fileOptions)
    if (found?.stats.isDirectory() && (await this.#serveDirectory(request, names, found))) return
    if (response.isUntouched) response.fail(404)
  }

  async #serveDirectory(request: Request, names: readonly string[], directory: Located): Promise<boolean> {
    const index = await this.#locateIndex(names)
    if (index === undefined && !this.#listing) return false
    // Without the slash, what the page links to would be sought beside the folder.
    const core = coreOf(request)
    if (!endsWithSlash(core)) request.response.redirectTo(locationInside(core), 301)
    else if (index !== undefined) await serveFile(core.response, async () => index, this.#fileOptions)
    else await this.#serveListing(request, names, directory)
    return true
  }

  async #locateIndex(names: readonly string[]): Promise<Located | undefined> {
    for (const name of this.#index) {
      const found = await this.#locate([...names, name])
      if (found?.stats.isFile()) return found
    }
    return undefined
  }

  async #serveListing({ response, path }: Request, names: readonly string[], directory: Located): Promise<void> {
    const entries: ListedEntry[] = []
    const children = await readdir(directory.path, { withFileTypes: true })
    for (const child of children) {
      // Only a link needs a look at whether it is followed, and where it leads.
      const link = child.isSymbolicLink() ? await this.#locate([...names, child.name]) : undefined
      const kind = link?.stats ?? child
      if (!isRefusedName(child.name) && (kind.isFile() || kind.isDirectory()))
        entries.push({ name: child.name, isFolder: kind.isDirectory() })
    }
    // Names are escaped; this is the second wall.
    response.setHeader('Content-Security-Policy', "default-src 'none'")
    response.writeHtml(createListing(path, entries, names.length > 0))
  }

  #locate(names: readonly string[]): Promise<Located | undefined> {
    return locateInside(this.#root, names, this.#fileOptions.followSymlinks)
  }
}

function endsWithSlash({ rawPath, segments }: Pick<RequestCore, 'rawPath' | 'segments'>): boolean {
  return rawPath.endsWith('/') || segments?.length === 0
}

/** The same path with a slash, by its last segment alone: that never names another host. */
function locationInside({ segments, url }: Pick<RequestCore, 'segments' | 'url'>): string {
  const mark = url.indexOf('?')
  const query = mark < 0 ? '' : url.slice(mark)
  return `./${encodeURIComponent(segments?.at(-1) ?? '')}/${query}`
}

function isIndex(value: unknown): boolean {
  return value === false || [value].flat().every((name) => typeof name === 'string' && !isRefusedName(name))
}

function indexSchema(): JsonSchema {
  return { anyOf: [textSchema, { type: 'array', items: textSchema }, { const: false }] }
}
