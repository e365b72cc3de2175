import { parseEnv } from 'node:util'
import { findKeyProblem, type ReportProblem } from './config-node.ts'

// As `parseEnv` reads them: a value in quotes may have several lines.
const assignments =
  /^[^\S\n]*(?:export[^\S\n]+)?([^\s=#'"`]+)[^\S\n]*=[^\S\n]*(?:"[^"]*"|'[^']*'|`[^`]*`|[^\n]*)[^\n]*/gm

/** Parses a `.env` file to its names and values. A value is never part of a message. */
export function parseEnvFile(text: string, report: ReportProblem): Readonly<Record<string, string>> {
  const seen = new Map<string, { readonly line: number }>()
  let line = 1
  let end = 0
  for (const { 1: name = '', index } of text.matchAll(assignments)) {
    line += text.slice(end, index).split('\n').length - 1
    end = index
    const problem = findKeyProblem(name, seen)
    if (problem !== undefined) report({ line, message: problem })
    else seen.set(name, { line })
  }
  const rest = text.replaceAll(assignments, (assignment) => assignment.replaceAll(/[^\n]/g, ''))
  for (const [i, line] of rest.split('\n').entries())
    if (/^\s*[^\s#]/.test(line))
      report({ line: i + 1, message: 'expected NAME=value, or a comment that begins with #' })
  return parseEnv(text) as Readonly<Record<string, string>>
}
