const pattern = /\s*("(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+)/y

/** @typedef {{ readonly start: number, readonly end: number, readonly line: number }} Place */

/**
 * Finds where a part stands in a text of JSON: the part itself, or the nearest around it that is there.
 *
 * @param {string} text valid JSON
 * @param {string} path such as `routes.cart.middlewares[0]` or `routes.cart.middlewares.0`
 * @returns {Place | undefined}
 */
export function findPlace(text, path) {
  const { places } = new PlaceReader(text)
  for (let at = path.replaceAll(/\[(\d+)\]/g, '.$1'); at !== ''; at = at.replace(/\.?[^.]*$/, '')) {
    const place = places.get(at)
    if (place !== undefined) return { ...place, line: text.slice(0, place.start).split('\n').length }
  }
  return undefined
}

/** Reads where each part of a text begins, with its name, and ends. */
class PlaceReader {
  /** By path. @type {Map<string, { start: number, end: number }>} */
  places = new Map()
  #text
  /** The next token, and where it begins. */
  #next = ''
  #at = 0
  #end = 0

  /** @param {string} text */
  constructor(text) {
    this.#text = text
    this.#advance()
    this.#read('', 0)
  }

  /**
   * @param {string} path
   * @param {number} start
   */
  #read(path, start) {
    const opening = this.#advance()
    for (let i = 0; isOpening(opening) && !/^[\]}]?$/.test(this.#next); i++) {
      const itemStart = this.#at
      this.#read(joinPath(path, opening === '{' ? this.#readName() : String(i)), itemStart)
      if (this.#next === ',') this.#advance()
    }
    if (isOpening(opening)) this.#advance()
    this.places.set(path, { start, end: this.#end })
  }

  #readName() {
    const name = JSON.parse(this.#advance())
    this.#advance()
    return name
  }

  /** Returns the token, and goes on to the one behind it. */
  #advance() {
    const taken = this.#next
    this.#end = this.#at + taken.length
    pattern.lastIndex = this.#end
    this.#next = pattern.exec(this.#text)?.[1] ?? ''
    this.#at = pattern.lastIndex - this.#next.length
    return taken
  }
}

/** @param {string} token */
function isOpening(token) {
  return token === '{' || token === '['
}

/**
 * @param {string} path
 * @param {string} name
 */
function joinPath(path, name) {
  return path === '' ? name : `${path}.${name}`
}
