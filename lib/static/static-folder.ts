import { type FileFacts, typeOf } from '../http/files/file-facts.ts'
import { cacheControlOf } from '../http/files/file-options.ts'
import { serveAtOnce, serveFile } from '../http/files/serve-file.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf, type Request } from '../http/request.ts'
import type { Complete } from '../options/define-options.ts'
import { createListing, type ListedEntry } from './directory-listing.ts'
import { FolderFiles } from './folder-files.ts'
import { findNeighbour, type FoundFile, recallNeighbour } from './neighbours.ts'
import { type StaticOptions, staticOptions } from './static-options.ts'

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

/** What a path leads to. */
interface Target {
  /** The file that answers; of a folder, its index file. */
  readonly file?: FoundFile
  /** Whether the path is that of a folder that is answered with an index file or a list. */
  readonly isFolder: boolean
  /** Where nothing at all is: what is there, such as a folder, may answer for other paths, and by other options. */
  readonly absent: readonly (readonly string[])[]
}

/** The Cache-Control of the fallback page: what answers for so many paths is asked for each time. */
const alwaysAsked = cacheControlOf({ maxAge: 0, immutable: false })

/** Folders whose files are served under the prefix of a route. The first of them that has a file serves it. */
export class StaticFolder {
  /** Its `serve`, as it is bound. */
  readonly endpoint: (request: Request) => void | Promise<void> = (request) => this.serve(request)
  readonly #folders: readonly FolderFiles[]
  readonly #depth: number
  readonly #options: Complete<StaticOptions>
  readonly #index: readonly string[]
  readonly #fallback: readonly string[] | undefined
  readonly #cacheControl: string

  /**
   * @param roots absolute
   * @param depth how many segments of a path belong to the prefix
   * @throws RouteError naming the option that doesn't exist or has a wrong value
   */
  constructor(roots: readonly string[], depth: number, given: StaticOptions) {
    const options = staticOptions.parse(given)
    const { index, fallback } = options
    this.#folders = roots.map((root) => new FolderFiles(root, options))
    this.#depth = depth
    this.#options = options
    this.#index = index === false ? [] : typeof index === 'string' ? [index] : index
    this.#fallback = fallback === false ? undefined : fallback.split('/')
    this.#cacheControl = cacheControlOf(options)
    folders.set(this.endpoint, this)
  }

  /**
   * Returns what a request is answered that nothing stops before, where it comes from the address bar of a browser.
   *
   * @throws HttpError 403 for what this process may not read
   */
  async foresee(asked: Pick<RequestCore, 'rawPath' | 'segments' | 'url'>): Promise<FolderAnswer> {
    const names = (asked.segments ?? []).slice(this.#depth)
    const { file, isFolder } = await this.#find(names)
    if (isFolder && !endsWithSlash(asked)) return { status: 301, location: locationInside(asked) }
    if (file !== undefined || isFolder) return { status: 200 }
    const page = this.#fallback && isPageName(names) ? await this.#find(this.#fallback) : undefined
    return { status: page?.file === undefined ? 404 : 200 }
  }

  /** Answers a request by the decoded segments of its path; where there is nothing, as if no route served it. */
  serve(request: Request): void | Promise<void> {
    const core = coreOf(request)
    const { response, changed } = core
    const { segments = [] } = changed?.path ?? core
    const names = segments.slice(Math.max(0, this.#depth - (changed?.stripped ?? 0)))
    if (this.#options.preCompressed) response.joinHeader('Vary', 'Accept-Encoding')
    const isFolder = endsWithSlash(core)
    const asked = isFolder ? [...names, this.#index[0] ?? ''] : names
    const known = this.#recall(core, asked, isFolder ? names : undefined)
    return known === undefined ? this.#serve(request, names) : this.#serveFile(core, asked, known, this.#cacheControl)
  }

  async #serve(request: Request, names: readonly string[]): Promise<void> {
    const core = coreOf(request)
    const { response } = core
    const { file, isFolder } = await this.#find(names)
    // Without the slash, what the page links to would be sought beside the folder.
    if (isFolder && !endsWithSlash(core)) request.response.redirectTo(locationInside(core), 301)
    else if (file !== undefined)
      await this.#serveFile(core, file.names, await this.#represent(core, file), this.#cacheControl)
    else if (isFolder) await this.#serveListing(request, names)
    else if (!response.isUntouched) return
    else if (this.#fallback === undefined || !isPageName(names)) response.fail(404)
    else await this.#servePage(core, this.#fallback)
  }

  /**
   * Returns the file of these names, as it answers, where all that it takes to say so is known.
   *
   * @param folder where the file answers for that: a folder before may answer for it in another way
   */
  #recall(core: RequestCore, names: readonly string[], folder?: readonly string[]): FileFacts | undefined {
    for (const files of this.#folders) {
      const facts = files.recall(names)?.facts
      if (facts !== undefined)
        return this.#options.preCompressed ? recallNeighbour(core, { files, names, facts }) : facts
      if (!this.#isKnownToLack(files, folder ?? names)) return undefined
    }
    return undefined
  }

  /** Whether nothing is there that would answer. The root is there, so that all its index files count. */
  #isKnownToLack(files: FolderFiles, names: readonly string[]): boolean {
    if (names.length > 0) return files.isAbsent(names)
    return this.#index.every((name) => files.isAbsent([name]))
  }

  async #find(names: readonly string[]): Promise<Target> {
    const checkedAt = performance.now()
    const passed: [files: FolderFiles, absent: Target['absent']][] = []
    let isListed = false
    for (const files of this.#folders) {
      const target = await this.#findIn(files, names)
      if (target.file !== undefined) {
        for (const [before, absent] of passed) for (const at of absent) before.keepAbsence(at, checkedAt)
        return target
      }
      isListed ||= target.isFolder && this.#options.listing
      passed.push([files, target.absent])
    }
    return { isFolder: isListed, absent: [] }
  }

  async #findIn(files: FolderFiles, names: readonly string[]): Promise<Target> {
    const found = await files.look(names)
    if (found?.facts !== undefined) return { file: { files, names, facts: found.facts }, isFolder: false, absent: [] }
    if (found?.stats.isDirectory() !== true) return { isFolder: false, absent: [names] }
    const absent: (readonly string[])[] = []
    for (const name of this.#index) {
      const inside = [...names, name]
      const index = await files.look(inside)
      if (index?.facts !== undefined)
        return { file: { files, names: inside, facts: index.facts }, isFolder: true, absent }
      if (index === undefined) absent.push(inside)
    }
    return { isFolder: true, absent }
  }

  /** Returns the file in the coding that the client likes best. */
  #represent(core: RequestCore, file: FoundFile): FileFacts | Promise<FileFacts> {
    return this.#options.preCompressed ? findNeighbour(core, file) : file.facts
  }

  #serveFile(
    core: RequestCore,
    names: readonly string[],
    facts: FileFacts,
    cacheControl: string,
  ): void | Promise<void> {
    if (serveAtOnce(core.response, facts, cacheControl)) return undefined
    let known: FileFacts | undefined = facts
    const locate = async () => {
      const first = known
      known = undefined
      if (first !== undefined) return first
      const { file } = await this.#find(names)
      return file && this.#represent(core, file)
    }
    return serveFile(core.response, () => ({ cacheControl, locate }))
  }

  /** Answers with the page of an application that has its own routes in the browser. */
  async #servePage(core: RequestCore, names: readonly string[]): Promise<void> {
    const { response } = core
    response.joinHeader('Vary', 'Accept')
    if (!namesHtml(core.header('accept'))) return response.fail(404)
    const known = this.#recall(core, names)
    if (known !== undefined) return this.#serveFile(core, names, known, alwaysAsked)
    const { file } = await this.#find(names)
    if (file === undefined) return response.fail(404)
    return this.#serveFile(core, names, await this.#represent(core, file), alwaysAsked)
  }

  async #serveListing({ response, path }: Request, names: readonly string[]): Promise<void> {
    const entries = new Map<string, ListedEntry>()
    // The first that has a name comes last.
    for (const files of this.#folders.toReversed())
      for (const entry of await files.list(names)) entries.set(entry.name, entry)
    // Names are escaped. Should that ever fail, no script runs.
    response.setHeader('Content-Security-Policy', "default-src 'none'")
    response.writeHtml(createListing(path, [...entries.values()], names.length > 0))
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

/** Whether a path may be one of the page: a missing script or image must not be answered with it. */
function isPageName(names: readonly string[]): boolean {
  const last = names.at(-1) ?? ''
  return !names.some((name) => name.startsWith('.')) && !(last.includes('.') && typeOf(last) !== undefined)
}

/** Whether an Accept field has `text/html`, as that of a browser for a page has it. */
function namesHtml(accept = ''): boolean {
  return /(?:^|,)\s*text\/html\s*(?:,|$|;(?!\s*q=0(?:\.0*)?\s*(?:,|$)))/i.test(accept)
}
