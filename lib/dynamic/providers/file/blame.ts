import { createIssue } from '../../../config/config-issues.ts'
import { type ConfigNode, scalarsOf } from '../../../config/config-node.ts'
import type { ConfigIssue, ConfigurationIssue } from '../../../index.ts'
import type { Faults } from './choose-parts.ts'
import { findInPart, hasChanged, type Part, type Parts, pathsOf } from './part.ts'

/**
 * Returns the files that issues of a merged configuration are about, each with its issues.
 *
 * A file that is served as it is now is not to blame. Where the issues are about those alone, the files are to blame that have lost
 * what these refer to, or else all that have changed.
 */
export function blame(issues: readonly ConfigurationIssue[], parts: Parts, kept: Parts): Faults {
  const located = issues.map((issue) => locate(issue, parts))
  const changed = [...new Set([...parts.keys(), ...kept.keys()])].filter((source) => hasChanged(source, parts, kept))
  const own = changed.map((source) => [source, located.filter((issue) => issue.source === source)] as const)
  if (own.some(([, about]) => about.length > 0)) return new Map(own.filter(([, about]) => about.length > 0))
  const texts = new Set(located.flatMap(({ path }) => textsAt(path, parts)))
  const losers = changed.filter((source) => lostNames(source, parts, kept).some((name) => texts.has(name)))
  const blamed = losers.length > 0 ? losers : changed
  return new Map(blamed.map((source) => [source, parts.has(source) ? located : [...located, describeGone(source)]]))
}

function describeGone(source: string): ConfigIssue {
  return createIssue([], { source }, 'is gone, and what it had is still served')
}

function locate({ path, message }: ConfigurationIssue, parts: Parts): ConfigIssue {
  return createIssue([path], findIn(parts, path) ?? { source: 'the files together' }, message)
}

function findIn(parts: Parts, path: string): ConfigNode | undefined {
  for (const part of parts.values()) {
    const node = findInPart(part, path)
    if (node !== undefined) return node
  }
  return undefined
}

function textsAt(path: string, parts: Parts): unknown[] {
  const node = findIn(parts, path)
  return node === undefined ? [] : scalarsOf(node).map(({ value }) => value)
}

/** Lists the names that a file had and doesn't have any more. */
function lostNames(source: string, parts: Parts, kept: Parts): string[] {
  const names = (part: Part | undefined) =>
    part === undefined ? [] : pathsOf(part).map(({ path }) => path.at(-1) ?? '')
  const left = new Set(names(parts.get(source)))
  return names(kept.get(source)).filter((name) => !left.has(name))
}
