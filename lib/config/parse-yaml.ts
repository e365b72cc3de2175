import type { LineCounter, Node, Pair, ParsedNode, YAMLMap } from 'yaml'
import { type ConfigNode, findKeyProblem, MAX_DEPTH, TOO_DEEP, type ReportProblem } from './config-node.ts'
import { loadParser, missingParser } from './load-parser.ts'

/** How many values aliases may stand for in one file: enough for any that is written by hand. */
const MAX_ALIASED = 10_000

const loadYaml = loadParser<typeof import('yaml')>('yaml', '.yaml', () => {
  try {
    return require('yaml')
  } catch (cause) {
    throw missingParser('yaml', '.yaml', cause)
  }
})

/** Parses YAML 1.2, with merge keys (`<<`) as in YAML 1.1. Returns `undefined` for a text without a value. */
export function parseYaml(text: string, source: string, report: ReportProblem): ConfigNode | undefined {
  const { LineCounter, parseDocument } = loadYaml()
  if (nestsTooDeeply(text)) {
    report({ message: TOO_DEEP })
    return undefined
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  // After the first error, the others may be its consequences.
  const problems = document.errors.length > 0 ? document.errors.slice(0, 1) : document.warnings
  for (const { pos, message } of problems) {
    const { line } = lines.linePos(pos[0])
    report({ line, message: explain(message, text.split('\n')[line - 1] ?? '') })
  }
  if (problems.length > 0 || document.contents === null) return undefined
  return new YamlReader(source, lines, report).read(document.contents, 1, 0)
}

/** Returns the message of the parser, with what people most likely did there. */
function explain(message: string, line: string): string {
  if (message.startsWith('Maximum call stack')) return TOO_DEEP
  if (message.startsWith('Source contains multiple documents'))
    return 'a second document begins here: a file has one, so join them, or write the second to a file of its own'
  const isUnquoted = /[[{,:]\s*[^"'\s]*\$\{/.test(line)
  return isUnquoted ? `${message}. Within [ ] and { }, a text with \${…} stands in quotes` : message
}

/** Whether brackets or items are nested so deeply that the parser, which calls itself for each, ends the process (yaml 2.9). */
function nestsTooDeeply(text: string): boolean {
  if (/(?:[-?:] +){200}/.test(text)) return true
  let depth = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += '[{'.includes(bracket) ? 1 : -1
    if (depth > 10 * MAX_DEPTH) return true
  }
  return false
}

class YamlReader {
  readonly #yaml = loadYaml()
  readonly #source: string
  readonly #lines: LineCounter
  readonly #report: ReportProblem
  readonly #anchored = new Map<string, ConfigNode>()
  #aliased = 0

  constructor(source: string, lines: LineCounter, report: ReportProblem) {
    this.#source = source
    this.#lines = lines
    this.#report = report
  }

  read(node: ParsedNode | Node | null | undefined, line: number, depth: number): ConfigNode {
    const place = { source: this.#source, line }
    const nothing: ConfigNode = { ...place, kind: 'scalar', value: null }
    if (depth > MAX_DEPTH) {
      this.#report({ line, message: TOO_DEEP })
      return nothing
    }
    const { isAlias, isMap, isScalar, isSeq } = this.#yaml
    if (isAlias(node)) return this.#resolve(node.source, line) ?? nothing
    const read = (): ConfigNode => {
      if (isMap(node)) return { ...place, kind: 'object', children: this.#members(node, depth) }
      if (!isSeq(node)) return { ...place, kind: 'scalar', value: isScalar(node) ? node.value : null }
      const items = node.items as Node[]
      return { ...place, kind: 'array', children: items.map((item) => this.read(item, this.#lineOf(item), depth + 1)) }
    }
    const result = read()
    if (node?.anchor !== undefined) this.#anchored.set(node.anchor, result)
    return result
  }

  #members(map: YAMLMap, depth: number): Map<string, ConfigNode> {
    const own = new Map<string, ConfigNode>()
    const merged: ConfigNode[] = []
    for (const { key, value } of map.items as Pair<Node, Node | null>[]) {
      const line = this.#lineOf(key)
      const name = this.#nameOf(key)
      const problem = name === undefined ? 'a key must be a text' : findKeyProblem(name, own)
      if (problem !== undefined) this.#report({ line, message: problem })
      const child = this.read(value, line, depth + 1)
      if (name === '<<') merged.push(...this.#merged(child, line))
      else if (problem === undefined) own.set(name as string, child)
    }
    for (const other of merged)
      if (other.kind === 'object') for (const [name, child] of other.children) if (!own.has(name)) own.set(name, child)
    return own
  }

  /** Lists the objects that a merge key stands for, the first being the one that counts most. */
  #merged(value: ConfigNode, line: number): readonly ConfigNode[] {
    const objects = value.kind === 'array' ? value.children : [value]
    if (objects.every(({ kind }) => kind === 'object')) return objects
    this.#report({ line, message: 'the key "<<" must name an object, or an array of objects' })
    return []
  }

  #resolve(anchor: string, line: number): ConfigNode | undefined {
    const node = this.#anchored.get(anchor)
    if (node === undefined) this.#report({ line, message: `there is no "&${anchor}" before "*${anchor}"` })
    if (node === undefined || this.#aliased > MAX_ALIASED) return undefined
    this.#aliased += countNodes(node)
    if (this.#aliased <= MAX_ALIASED) return node
    this.#report({ line, message: `aliases stand for more than ${MAX_ALIASED.toLocaleString('en')} values` })
    return undefined
  }

  #nameOf(key: Node | null): string | undefined {
    const { value } = this.#yaml.isScalar(key) ? key : { value: undefined }
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined
  }

  #lineOf(node: Node | null): number {
    return this.#lines.linePos(node?.range?.[0] ?? 0).line
  }
}

function countNodes(node: ConfigNode): number {
  if (node.kind === 'scalar') return 1
  let count = 1
  for (const child of node.children.values()) count += countNodes(child)
  return count
}
