import { type ConfigNode, findKeyProblem, MAX_DEPTH, TOO_DEEP, type ReportProblem } from './config-node.ts'

const blanks = /[\t\n\r ]*/y
const blanksAndComments = /(?:[\t\n\r ]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
// RFC 8259, sections 2, 6 and 7.
const tokens =
  /[{}[\],:]|"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/**
 * Parses JSON with the line of each value, which `JSON.parse` doesn't tell, nor does it refuse a key that is there twice.
 *
 * @param isLoose whether comments are allowed, and a comma behind the last value
 */
export function parseJson(
  text: string,
  source: string,
  report: ReportProblem,
  isLoose = false,
): ConfigNode | undefined {
  try {
    return new JsonReader(text, source, report, isLoose).read()
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error
    report(error)
    return undefined
  }
}

/** Stands for a character that begins no token. */
const NO_TOKEN = '?'

class JsonProblem extends Error {
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

class JsonReader {
  readonly #text: string
  readonly #source: string
  readonly #report: ReportProblem
  readonly #isLoose: boolean
  #end = 0
  #line = 1
  /** `''` at the end of the text. */
  #token = ''

  constructor(text: string, source: string, report: ReportProblem, isLoose: boolean) {
    this.#text = text
    this.#source = source
    this.#report = report
    this.#isLoose = isLoose
    this.#next()
  }

  /** `undefined` for a text without a value. */
  read(): ConfigNode | undefined {
    if (this.#token === '') return undefined
    const node = this.#value(0)
    if (this.#token !== '') throw this.#unexpected('the end of the file')
    return node
  }

  #value(depth: number, line = this.#line): ConfigNode {
    if (depth > MAX_DEPTH) throw this.#fail(TOO_DEEP)
    const place = { source: this.#source, line }
    if (this.#take('{')) return { ...place, kind: 'object', children: this.#members(depth) }
    if (this.#take('[')) return { ...place, kind: 'array', children: this.#items(depth) }
    if (!/^["\w-]/.test(this.#token)) throw this.#unexpected('a value')
    const value: unknown = JSON.parse(this.#token)
    this.#next()
    return { ...place, kind: 'scalar', value }
  }

  #members(depth: number): Map<string, ConfigNode> {
    const members = new Map<string, ConfigNode>()
    while (!this.#take('}')) {
      if (!this.#token.startsWith('"')) throw this.#unexpected('a key in double quotes')
      const key = JSON.parse(this.#token) as string
      const line = this.#line
      const problem = findKeyProblem(key, members)
      if (problem !== undefined) this.#report({ line, message: problem })
      this.#next()
      if (!this.#take(':')) throw this.#unexpected('":"')
      const value = this.#value(depth + 1, line)
      if (problem === undefined) members.set(key, value)
      this.#separate('}')
    }
    return members
  }

  #items(depth: number): ConfigNode[] {
    const items: ConfigNode[] = []
    while (!this.#take(']')) {
      items.push(this.#value(depth + 1))
      this.#separate(']')
    }
    return items
  }

  #separate(end: string): void {
    const line = this.#line
    if (!this.#take(',')) {
      if (this.#token !== end) throw this.#unexpected(`"," or "${end}"`)
    } else if (this.#token === end && !this.#isLoose) {
      throw new JsonProblem(`a comma before "${end}" is not allowed in JSON`, line)
    }
  }

  #take(token: string): boolean {
    if (this.#token !== token) return false
    this.#next()
    return true
  }

  #next(): void {
    const gap = this.#isLoose ? blanksAndComments : blanks
    gap.lastIndex = this.#end
    const skipped = (gap.exec(this.#text) as RegExpExecArray)[0]
    this.#line += skipped.split('\n').length - 1
    tokens.lastIndex = this.#end += skipped.length
    this.#token = tokens.exec(this.#text)?.[0] ?? (this.#end < this.#text.length ? NO_TOKEN : '')
    this.#end += this.#token.length
  }

  #unexpected(expected: string): JsonProblem {
    const at = this.#end - this.#token.length
    if (/^\/[/*]/.test(this.#text.slice(at, at + 2)) && !this.#isLoose)
      return this.#fail('a comment is not allowed in JSON: end the name of the file in .jsonc')
    const got = at < this.#text.length ? JSON.stringify(this.#text[at]) : 'the end of the file'
    return this.#fail(`expected ${expected}, got ${got}`)
  }

  #fail(message: string): JsonProblem {
    return new JsonProblem(message, this.#line)
  }
}
