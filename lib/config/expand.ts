import { type ConfigNode, MAX_DEPTH, type Path, type ScalarNode } from './config-node.ts'

/** Returns the value of a variable; `undefined` if it isn't set. */
export type LookUp = (name: string) => string | undefined

/** Takes note of a text that can't be expanded. */
export type ReportText = (path: Path, node: ScalarNode, message: string) => void

/** A piece of a text: plain, or a variable with what stands for it where it isn't set or is empty. */
type Piece = string | { readonly name: string; readonly fallback: readonly Piece[] | undefined }

/** Returns the tree with each `${NAME}` and `${NAME:-default}` in its texts replaced. What a variable holds isn't expanded again. */
export function expand(node: ConfigNode, lookUp: LookUp, report: ReportText, path: Path = []): ConfigNode {
  if (node.kind === 'array')
    return { ...node, children: node.children.map((child, i) => expand(child, lookUp, report, [...path, String(i)])) }
  if (node.kind === 'scalar') return expandScalar(node, lookUp, report, path)
  const children = [...node.children].map(
    ([key, child]) => [key, expand(child, lookUp, report, [...path, key])] as const,
  )
  return { ...node, children: new Map(children) }
}

function expandScalar(node: ScalarNode, lookUp: LookUp, report: ReportText, path: Path): ConfigNode {
  if (typeof node.value !== 'string' || !node.value.includes('${')) return { ...node }
  const pieces = new TemplateReader(node.value).read()
  if (pieces === undefined) {
    report(path, node, 'has a "${" that begins neither ${NAME} nor ${NAME:-default}: write $${ for a plain ${')
    return node
  }
  const variables = new Map<string, string>()
  const missing = new Set<string>()
  const value = join(pieces)
  if (missing.size > 0) report(path, node, describeMissing([...missing]))
  const isWhole = pieces.length === 1 && typeof pieces[0] === 'object'
  return { ...node, value, variables, isWhole }

  function join(pieces: readonly Piece[]): string {
    return pieces.map((piece) => (typeof piece === 'string' ? piece : resolve(piece.name, piece.fallback))).join('')
  }

  function resolve(name: string, fallback: readonly Piece[] | undefined): string {
    const value = lookUp(name)
    if (fallback !== undefined && (value === undefined || value === '')) return join(fallback)
    if (value === undefined) missing.add(name)
    else variables.set(name, value)
    return value ?? ''
  }
}

function describeMissing(names: readonly string[]): string {
  const [first] = names
  if (names.length === 1)
    return `needs the environment variable ${first}, which is not set: set it, or write a default, \${${first}:-default}`
  return `needs the environment variables ${names.join(', ')}, which are not set: set them, or write defaults such as \${${first}:-default}`
}

/** Reads a text into its pieces. */
class TemplateReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** `undefined` if a `${` begins nothing that is known. */
  read(): readonly Piece[] | undefined {
    return this.#pieces(0)
  }

  /** Reads to the end of the text, or of a default, which is a `}` that closes nothing in it. */
  #pieces(depth: number): readonly Piece[] | undefined {
    if (depth > MAX_DEPTH) return undefined
    const pieces: Piece[] = []
    let plainBraces = 0
    while (this.#at < this.#text.length) {
      if (this.#take('$${')) {
        plainBraces++
        pieces.push('${')
      } else if (this.#take('${')) {
        const variable = this.#variable(depth)
        if (variable === undefined) return undefined
        pieces.push(variable)
      } else if (depth > 0 && plainBraces === 0 && this.#text[this.#at] === '}') {
        return pieces
      } else {
        const plain = this.#match(/[^$}]+|[^]/y) as string
        if (plain === '}') plainBraces = Math.max(0, plainBraces - 1)
        pieces.push(plain)
      }
    }
    return depth > 0 ? undefined : pieces
  }

  #variable(depth: number): Piece | undefined {
    const name = this.#match(/[A-Za-z_]\w*/y)
    if (name === undefined) return undefined
    const hasFallback = this.#take(':-')
    const fallback = hasFallback ? this.#pieces(depth + 1) : undefined
    if (hasFallback && fallback === undefined) return undefined
    return this.#take('}') ? { name, fallback } : undefined
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? []
    this.#at += found?.length ?? 0
    return found
  }

  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false
    this.#at += token.length
    return true
  }
}
