const token = /\s*("(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+)/y

/** @typedef {{ readonly start: number, readonly end: number, readonly line: number }} Place */

/**
 * Finds where a part stands in a text of JSON: the part itself, or the nearest around it that is there.
 *
 * @param {string} text valid JSON
 * @param {string} path such as `routes.cart.middlewares[0]`
 * @returns {Place | undefined}
 */
export function findPlace(text, path) {
  const places = placesOf(text)
  for (let at = path; at !== ''; at = at.replace(/(^|\.)[^.[]*$|\[[^[]*$/, '')) {
    const place = places.get(at)
    if (place !== undefined) return { ...place, line: text.slice(0, place.start).split('\n').length }
  }
  return undefined
}

/**
 * Where each part begins, with its name, and ends.
 *
 * @param {string} text
 */
function placesOf(text) {
  /** @type {Map<string, { start: number, end: number }>} */
  const places = new Map()
  token.lastIndex = 0
  let [next, at] = ['', 0]
  const advance = () => {
    const taken = next
    const found = token.exec(text)
    next = found?.[1] ?? ''
    at = token.lastIndex - next.length
    return taken
  }
  const read = (/** @type {string} */ path, start = at) => {
    const opening = advance()
    let end = start + opening.length
    if (opening === '{' || opening === '[') {
      for (let i = 0; next !== '}' && next !== ']' && next !== ''; i++) {
        const itemStart = at
        const name = opening === '{' ? JSON.parse(advance()) : undefined
        if (name !== undefined) advance()
        read(name === undefined ? `${path}[${i}]` : path === '' ? name : `${path}.${name}`, itemStart)
        if (next === ',') advance()
      }
      end = at + 1
      advance()
    }
    places.set(path, { start, end })
  }
  advance()
  read('')
  return places
}
