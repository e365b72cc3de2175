import { lstat, readdir, readlink } from 'node:fs/promises'
import { join, parse, resolve, sep } from 'node:path'
import { isVisibleDocument } from './read-folder.ts'

/** The folders to watch, each with the names in it that matter; also files, whose own name matters. */
export type Places = ReadonlyMap<string, ReadonlySet<string>>

/** As many as Linux follows. */
const MAX_LINKS = 40

/**
 * Lists where a change may change what is at a path: the file or folder itself, the folder that it is in, and that of each link on the
 * way. Of a path that leads nowhere, it is the last folder on the way. The links in a folder lead to places as well.
 */
export async function placesOf(path: string): Promise<Places> {
  const places = new Map<string, Set<string>>()
  await addPlaces(path, places)
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  for (const entry of entries)
    if (entry.isSymbolicLink() && isVisibleDocument(entry.name)) await addPlaces(join(path, entry.name), places)
  return places
}

async function addPlaces(path: string, places: Map<string, Set<string>>, links: number = MAX_LINKS): Promise<void> {
  const { root } = parse(path)
  const names = path.slice(root.length).split(sep).filter(Boolean)
  let folder = root
  for (const [i, name] of names.entries()) {
    const next = join(folder, name)
    const stats = await lstat(next).catch(() => undefined)
    const isEnd = i === names.length - 1
    if (stats === undefined || stats.isSymbolicLink() || isEnd) add(places, folder, name)
    if (stats === undefined) return
    if (stats.isSymbolicLink()) {
      if (links === 0) return
      const target = resolve(folder, await readlink(next).catch(() => ''))
      return addPlaces(join(target, ...names.slice(i + 1)), places, links - 1)
    }
    // Also the file: it may be mounted alone, and is then written to without an event in its folder.
    if (isEnd) add(places, next, name)
    folder = next
  }
}

function add(places: Map<string, Set<string>>, folder: string, name: string): void {
  const names = places.get(folder) ?? new Set()
  places.set(folder, names.add(name))
}
