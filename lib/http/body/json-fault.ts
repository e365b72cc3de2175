/** Says why a text was refused as JSON: by line and column, and never by its content. */
export function describeJsonFault(text: string): string {
  if (text === '') return 'The body is empty, not JSON'
  const at = findJsonFault(text)
  if (at === undefined)
    return 'The body is JSON with a forbidden name: "__proto__", or "constructor" with "prototype" in it'
  const line = countLines(text, at)
  const column = at - text.lastIndexOf('\n', at - 1)
  const what = at === text.length ? 'ends too early' : 'is not JSON'
  return `The body ${what}, at line ${line}, column ${at === 0 ? 1 : column}`
}

function countLines(text: string, end: number): number {
  let count = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count++
  return count
}

/** Returns where a text stops being JSON (RFC 8259), as an index; `undefined` for JSON. */
export function findJsonFault(text: string): number | undefined {
  return new JsonScanner(text).findFault()
}

// The kinds of tokens that may come next: brackets and separators as they are, `s` for a string, `v` for other values.
const VALUE = '{[sv'
const VALUE_OR_END = '{[sv]'
const NAME = 's'
const NAME_OR_END = 's}'
const NOTHING = ''

const brackets = '{}[],:'
const starts = '-0123456789tfn'
const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const escape = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y
const [TAB, LF, CR, SPACE, QUOTE, BACKSLASH] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x5c]

/** Walks through a text token by token, in a time that is linear in its length and at any depth. */
class JsonScanner {
  readonly #text: string
  readonly #open: string[] = []
  #at = 0
  #expected = VALUE

  constructor(text: string) {
    this.#text = text
  }

  findFault(): number | undefined {
    for (;;) {
      this.#skipBlanks()
      if (this.#at === this.#text.length && this.#expected === NOTHING) return undefined
      const kind = this.#peek()
      if (kind === '' || !this.#expected.includes(kind) || !this.#pass(kind)) return this.#at
      this.#expected = this.#after(kind)
    }
  }

  /** The kind of the next token; `''` for what begins none. */
  #peek(): string {
    const char = this.#text.charAt(this.#at)
    if (char === '"') return 's'
    if (brackets.includes(char)) return char
    return starts.includes(char) ? 'v' : ''
  }

  /** Passes a token; false where it is broken, at the place where it is. */
  #pass(kind: string): boolean {
    if (kind === 's') return this.#passString()
    if (kind === 'v') return this.#skip(literal)
    this.#at++
    return true
  }

  #passString(): boolean {
    for (;;) {
      const code = this.#text.charCodeAt(++this.#at)
      if (code === QUOTE) break
      // At the end of the text, the code is NaN.
      if (code === BACKSLASH ? !this.#skip(escape) : !(code >= SPACE)) return false
      if (code === BACKSLASH) this.#at--
    }
    this.#at++
    return true
  }

  #skipBlanks(): void {
    for (let code; (code = this.#text.charCodeAt(this.#at)) <= SPACE; this.#at++)
      if (code !== SPACE && code !== LF && code !== CR && code !== TAB) return
  }

  #after(kind: string): string {
    if (kind === '{' || kind === '[') this.#open.push(kind)
    if (kind === '}' || kind === ']') this.#open.pop()
    if (kind === '{') return NAME_OR_END
    if (kind === '[') return VALUE_OR_END
    if (kind === ':') return VALUE
    if (kind === 's' && (this.#expected === NAME || this.#expected === NAME_OR_END)) return ':'
    const inside = this.#open.at(-1)
    if (kind === ',') return inside === '{' ? NAME : VALUE
    return inside === undefined ? NOTHING : inside === '{' ? ',}' : ',]'
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    const isFound = pattern.test(this.#text)
    if (isFound) this.#at = pattern.lastIndex
    return isFound
  }
}
