import type { ConfigIssue } from '../../index.ts'
import type { partFields } from './fields.ts'
import type { PartOrigin } from './model.ts'

/** The kinds of parts, as a file names them. */
export type PartKind = keyof typeof partFields

/** A part of what runs as a file or a URL says it, in the shape of the file, not checked yet. */
export interface WrittenPart {
  readonly kind: PartKind
  readonly given: unknown
  /** What paths of files in it are relative to. */
  readonly folder: string
  /** Returns where a field was written. @param path in the part, such as `handler.chain`; empty for the part itself */
  placeOf(path: string): PartOrigin
}

/** What was written, and what of it could not even be read. */
export interface Written {
  readonly parts: readonly WrittenPart[]
  readonly issues: readonly ConfigIssue[]
}

/** Returns an issue about a place, in the form of those of configuration files. */
export function issueAt({ source, path, line }: PartOrigin, message: string): ConfigIssue {
  return { source, path, ...(line !== undefined && { line }), message }
}

/** Returns the first of `NAME-0`, `NAME-1` and so on that isn't taken yet, and takes it. @param from the number to begin with */
export function nameFreely(name: string, taken: Set<string>, from = 0): string {
  let number = from
  while (taken.has(`${name}-${number}`)) number++
  taken.add(`${name}-${number}`)
  return `${name}-${number}`
}

/** Lists the names of parts of a kind as they were written, also where something else is wrong with them. */
export function namesOf(kind: PartKind, parts: readonly WrittenPart[]): string[] {
  return parts.flatMap((part) => {
    const { name } = (part.kind === kind ? (part.given ?? {}) : {}) as { readonly name?: unknown }
    return typeof name === 'string' ? [name] : []
  })
}
