import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ConfigError, type ConfigIssue, type FailureCode } from '../index.ts'
import { nearestName, type SchemaOutline } from '../kit.ts'
import { type ConfigNode, findNode, type Path, type Place, scalarsOf, toPlain } from './config-node.ts'
import { describeTypeIssue, messageOf, pathOf, unknownKeysOf } from './describe-issue.ts'
import { hideValues } from './hide-values.ts'

const MAX_ISSUES_SHOWN = 50
const MAX_NAMES_SHOWN = 20

/** Creates the error of all issues, which names them in their order. */
export function createConfigError(issues: readonly ConfigIssue[], failure: FailureCode): ConfigError {
  const lines = issues.slice(0, MAX_ISSUES_SHOWN).map(printIssue)
  const rest = issues.length - lines.length
  if (rest > 0) lines.push(`and ${rest} more`)
  const [only, ...others] = lines
  const message = others.length === 0 ? only : [`the configuration has ${issues.length} issues:`, ...lines].join('\n  ')
  return new ConfigError(message as string, { failure, issues: Object.freeze([...issues]) })
}

/** Returns issues in the order of their sources and lines. */
export function sortIssues(issues: readonly ConfigIssue[], sources: readonly string[]): ConfigIssue[] {
  const layer = ({ source }: ConfigIssue) => sources.indexOf(source)
  return issues.toSorted((a, b) => layer(a) - layer(b) || (a.line ?? 0) - (b.line ?? 0))
}

/** Prints an issue as compilers do, so that editors lead to the line. */
function printIssue({ path, source, line, message }: ConfigIssue): string {
  const place = line === undefined ? source : `${source}:${line}`
  if (path === '') return `${place}: ${message}`
  return `${place}: "${path}"${/^[A-Z]/.test(message) ? ':' : ''} ${message}`
}

/** Creates an issue about something in a place. */
export function createIssue(path: Path, { source, line }: Place, message: string): ConfigIssue {
  return Object.freeze({ path: path.join('.'), source, ...(line !== undefined && { line }), message })
}

/**
 * Lists what one issue of a schema is: one for each unknown key, else one.
 *
 * @param root the whole configuration
 * @param prefix the path of what the schema checked
 */
export function listIssues(
  issue: StandardSchemaV1.Issue,
  root: ConfigNode,
  prefix: Path,
  known: SchemaOutline,
): ConfigIssue[] {
  const unknown = unknownKeysOf(issue)
  if (unknown.length > 0)
    return unknown.map((keys) => describeUnknown([...prefix, ...keys], root, known.at(keys.slice(0, -1))))
  const path = [...prefix, ...pathOf(issue)]
  const { node, depth } = findNode(root, path)
  const isThere = depth === path.length
  const own = variablesIn(node)
  const message =
    describeTypeIssue(issue, isThere ? toPlain(node) : undefined) ??
    hideValues(messageOf(issue), own, variablesIn(root))
  const from = isThere && own.size > 0 && node.kind === 'scalar' ? ` (from ${nameVariables([...own.keys()])})` : ''
  return [createIssue(path, node, message + from)]
}

/** Describes a key that the schema doesn't know. @param names those that it knows beside it */
export function describeUnknown(path: Path, root: ConfigNode, names: readonly string[]): ConfigIssue {
  const above = path.slice(0, -1)
  const nearest = nearestName(path.at(-1) as string, names)
  const full = (name: string) => [...above, name].join('.')
  const advice = nearest === undefined ? listNames(names) : `, did you mean "${full(nearest)}"?`
  return createIssue(path, findNode(root, path).node, `is not a known key${advice}`)
}

function listNames(names: readonly string[]): string {
  if (names.length === 0) return ''
  return `; known keys: ${names.slice(0, MAX_NAMES_SHOWN).join(', ')}${names.length > MAX_NAMES_SHOWN ? ' …' : ''}`
}

function nameVariables(names: readonly string[]): string {
  return `the environment variable${names.length === 1 ? '' : 's'} ${names.join(', ')}`
}

/** Returns the values of environment variables in a node, by name. */
function variablesIn(node: ConfigNode): ReadonlyMap<string, string> {
  return new Map(scalarsOf(node).flatMap(({ variables }) => [...(variables ?? [])]))
}
