import { type ConfigNode, type Path, type ReportProblem } from './config-node.ts'
import { loadParser, missingParser } from './load-parser.ts'
import { toNode } from './to-node.ts'

const loadToml = loadParser<typeof import('smol-toml')>('smol-toml', '.toml', () => {
  try {
    return require('smol-toml')
  } catch (cause) {
    throw missingParser('smol-toml', '.toml', cause)
  }
})

const tokens =
  /"""[^"\\]*(?:(?:\\[^]|"(?!""))[^"\\]*)*"{3,5}|'''[\s\S]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[\w-]+|[^\S\n]+|[\s\S]/g

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

/**
 * Returns a function that returns the line of the key at a path, in a text that is known to be TOML. The parser doesn't tell.
 *
 * What is in an array or an inline table has the line of its key.
 */
function findTomlLines(text: string): (path: Path) => number | undefined {
  const lines = new Map<string, number>()
  const counts = new Map<string, number>()
  let table: Path = []
  for (const { line, head } of statementsOf(text)) {
    const names = namesOf(head)
    if (!head.startsWith('[')) {
      note([...table, ...names], line)
      continue
    }
    table = resolveItems(names.slice(0, -1))
    const [name = ''] = names.slice(-1)
    if (head.startsWith('[[')) {
      const key = keyOf([...table, name])
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    table = resolveItems([...table, name])
    note(table, line)
  }
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(keyOf(path.slice(0, length)))
      if (line !== undefined) return line
    }
    return undefined
  }

  function note(path: Path, line: number): void {
    for (let length = path.length; length > 0; length--) {
      const key = keyOf(path.slice(0, length))
      if (!lines.has(key)) lines.set(key, line)
    }
  }

  /** Replaces the name of an array of tables with its last item. */
  function resolveItems(names: Path): Path {
    const path: string[] = []
    for (const name of names) {
      path.push(name)
      const count = counts.get(keyOf(path))
      if (count !== undefined) path.push(String(count - 1))
    }
    return path
  }
}

/** Lists what stands before the `=` of each key, and the head of each table. */
function statementsOf(text: string): { readonly line: number; readonly head: string }[] {
  const statements: { readonly line: number; readonly head: string }[] = []
  let line = 1
  let depth = 0
  let start = 1
  let head = ''
  let hasValue = false
  for (const [token] of text.matchAll(tokens)) {
    if (token === '\n' && depth <= 0) {
      if (head.trim() !== '') statements.push({ line: start, head: head.trim() })
      head = ''
      hasValue = false
      depth = 0
      start = line + 1
    } else if (hasValue) {
      if ('[{'.includes(token)) depth++
      else if (']}'.includes(token)) depth--
    } else if (token === '=') {
      hasValue = true
    } else if (!token.startsWith('#')) {
      head += token
    }
    line += token.split('\n').length - 1
  }
  if (head.trim() !== '') statements.push({ line: start, head: head.trim() })
  return statements
}

function namesOf(head: string): string[] {
  const words = head.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+/g) ?? []
  return words.map((word) => {
    if (word.startsWith("'")) return word.slice(1, -1)
    return word.startsWith('"') ? unescape(word) : word
  })
}

function unescape(word: string): string {
  try {
    return JSON.parse(word) as string
  } catch {
    return word.slice(1, -1)
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path)
}
