import { createIssue } from '../../../config/config-issues.ts'
import type { ConfigNode, Path } from '../../../config/config-node.ts'
import type { ConfigIssue } from '../../../index.ts'
import { findInPart, hasChanged, type Part, type Parts, pathsOf } from './part.ts'

/** What is wrong with files, by their names. */
export type Faults = ReadonlyMap<string, readonly ConfigIssue[]>

/** What is to be served of some files. */
export interface Choice {
  readonly parts: Parts
  readonly faults: Faults
}

/**
 * Chooses what each file contributes: what it holds now, or, where that can't be used, what it contributed before. What is in two
 * files stays in the one that had it before, else in the first.
 *
 * @param latest what the files hold now
 * @param kept what is served of them
 * @param refused the files that can't be used as they are now, for another reason than those found here
 */
export function chooseParts(latest: Parts, kept: Parts, refused: Faults): Choice {
  const faults = new Map(refused)
  for (const { source, issues } of latest.values()) if (issues.length > 0) faults.set(source, issues)
  for (;;) {
    const parts = withKept(latest, kept, faults)
    const clash = findClash(parts, kept)
    if (clash === undefined) return { parts, faults }
    faults.set(clash.source, [...(faults.get(clash.source) ?? []), clash.issue])
  }
}

/** Returns the parts with what is served of a file in place of each that is at fault. */
function withKept(latest: Parts, kept: Parts, faults: Faults): Parts {
  const sources = [...new Set([...latest.keys(), ...faults.keys()])].toSorted()
  const parts = sources.map((source) => (faults.has(source) ? kept : latest).get(source))
  return new Map(parts.filter((part) => part !== undefined).map((part) => [part.source, part]))
}

interface Holder {
  readonly part: Part
  readonly node: ConfigNode
}

function findClash(parts: Parts, kept: Parts): { readonly source: string; readonly issue: ConfigIssue } | undefined {
  const holders = new Map<string, Holder>()
  for (const part of parts.values())
    for (const { path, node } of pathsOf(part)) {
      const key = JSON.stringify(path)
      const other = holders.get(key)
      if (other === undefined) holders.set(key, { part, node })
      else if (!isSame(path, other.node, node)) return describeClash(path, other, { part, node }, parts, kept)
    }
  return undefined
}

/** Whether two files may both have it: a section, or the same `$schema` for editors. */
function isSame(path: Path, a: ConfigNode, b: ConfigNode): boolean {
  if (path.length > 1) return false
  if (a.kind === 'object' && b.kind === 'object') return true
  return a.kind === 'scalar' && b.kind === 'scalar' && a.value === b.value
}

function describeClash(path: Path, first: Holder, second: Holder, parts: Parts, kept: Parts) {
  const isChanged = ({ part: { source } }: Holder) => hasChanged(source, parts, kept)
  const isOwner = ({ part: { source } }: Holder) => {
    const before = kept.get(source)
    return before !== undefined && findInPart(before, path.join('.')) !== undefined
  }
  const isFirstAtFault = !isChanged(second) || (isChanged(first) && !isOwner(first) && isOwner(second))
  const [owner, other] = isFirstAtFault ? [second, first] : [first, second]
  const { source, line } = owner.node
  const place = line === undefined ? source : `${source}:${line}`
  const message = `is in ${place} already: give one of them another name`
  return { source: other.part.source, issue: createIssue(path, other.node, message) }
}
