import { type ConfigNode, type Path, type ReportProblem } from './config-node.ts'
import { loadParser, missingParser } from './load-parser.ts'
import { toNode } from './to-node.ts'
import { findTomlLines } from './toml-lines.ts'

const loadToml = loadParser<typeof import('smol-toml')>('smol-toml', '.toml', () => {
  try {
    return require('smol-toml')
  } catch (cause) {
    throw missingParser('smol-toml', '.toml', cause)
  }
})

/** Parses TOML 1.0. Dates and times stay objects of the package, which are a `Date` each. */
export function parseToml(text: string, source: string, report: ReportProblem): ConfigNode | undefined {
  const { parse, TomlError } = loadToml()
  try {
    const value = parse(text)
    const lineOf = findTomlLines(text)
    return toNode(value, (path: Path) => ({ source, line: lineOf(path) }), report)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    // What follows are lines of the file.
    const [message = ''] = error.message.split('\n')
    report({ line: error.line, message: message.replace('Invalid TOML document: ', '') })
    return undefined
  }
}
