import type { FileFacts } from '../http/files/file-facts.ts'
import type { RequestCore } from '../http/request-core.ts'
import { acceptedCodings } from '../net/accepted-codings.ts'
import type { FolderFiles } from './folder-files.ts'

/** The codings of precompressed files, the best first. */
const extensions = { br: '.br', zstd: '.zst', gzip: '.gz' } as const
type Coding = keyof typeof extensions
const codings = Object.keys(extensions) as Coding[]

/** A file, and where it was found. */
export interface FoundFile {
  readonly files: FolderFiles
  readonly names: readonly string[]
  readonly facts: FileFacts
}

/** Returns the neighbour of a file that the client likes best, else the file; `undefined` where the file system must be asked. */
export function recallNeighbour(core: RequestCore, { files, names, facts }: FoundFile): FileFacts | undefined {
  for (const coding of accepted(core)) {
    const known = files.recall(nameNeighbour(names, coding))
    if (known === undefined) return undefined
    if (known.facts !== undefined) return encode(facts, known.facts, coding)
  }
  return facts
}

/** Looks for the neighbour of a file that the client likes best. Returns the file itself where there is none. */
export async function findNeighbour(core: RequestCore, { files, names, facts }: FoundFile): Promise<FileFacts> {
  for (const coding of accepted(core)) {
    const checkedAt = performance.now()
    const asked = nameNeighbour(names, coding)
    const neighbour = await files.look(asked)
    if (neighbour?.facts !== undefined) return encode(facts, neighbour.facts, coding)
    // A folder of that name may answer by its own name.
    if (neighbour === undefined) files.keepAbsence(asked, checkedAt)
  }
  return facts
}

function accepted(core: RequestCore): readonly Coding[] {
  return acceptedCodings(core.header('accept-encoding'), codings)
}

function nameNeighbour(names: readonly string[], coding: Coding): string[] {
  return [...names.slice(0, -1), `${names.at(-1)}${extensions[coding]}`]
}

/** The content of the neighbour as that of the file: with its type, and a tag that no other coding has, but no date, which others have. */
function encode({ type }: FileFacts, neighbour: FileFacts, coding: Coding): FileFacts {
  return { ...neighbour, type, coding, lastModified: undefined, etag: neighbour.etag.replace(/"$/, `-${coding}"`) }
}
