import { basename, parse } from 'node:path'
import type { ConfigNode, ObjectNode, ReportProblem } from './config-node.ts'
import { parseJson } from './parse-json.ts'
import { parseToml } from './parse-toml.ts'
import { parseYaml } from './parse-yaml.ts'

/** `undefined` for a text without a value. @throws ConfigError if the parser isn't installed */
type Parse = (text: string, source: string, report: ReportProblem) => ConfigNode | undefined

const parsers: Readonly<Record<string, Parse>> = {
  '.json': parseJson,
  '.jsonc': (text, source, report) => parseJson(text, source, report, true),
  '.yaml': parseYaml,
  '.yml': parseYaml,
  '.toml': parseToml,
}

/** The extensions of the files that `parseDocument` reads. */
export const documentKinds: readonly string[] = Object.keys(parsers)

/** Whether `parseDocument` reads files of such a name. */
export function isDocument(path: string): boolean {
  return Object.hasOwn(parsers, kindOf(path))
}

/**
 * Parses a file of objects by its extension, with the line of each value.
 *
 * @param source what issues call it. Default: the name of the file
 * @returns `undefined` for one without a value, and after a problem was reported
 * @throws ConfigError if the parser isn't installed
 */
export function parseDocument(
  path: string,
  text: string,
  report: ReportProblem,
  source: string = basename(path),
): ObjectNode | undefined {
  const root = (parsers[kindOf(path)] as Parse)(text, source, report)
  if (root === undefined || (root.kind === 'scalar' && root.value === null)) return undefined
  if (root.kind === 'object') return root
  report({ message: `must be an object, got ${root.kind === 'array' ? 'an array' : 'a single value'}` })
  return undefined
}

function kindOf(path: string): string {
  return parse(path).ext.toLowerCase()
}
