const SLASH = 47
const PERCENT = 37
const BACKSLASH = 92
const LAST_ASCII = 126

/**
 * Splits the path of a request target at `/`, drops empty segments and percent-decodes each of the others on its own.
 *
 * This is the only place where a path is decoded: router, hooks and everything that guards a path read its result, so
 * one path has one meaning. Bytes beyond ASCII that the client didn't encode are read as the UTF-8 they are.
 *
 * @returns `undefined` for a path that can't be decoded, or with a segment that is `.` or `..` or holds NUL or a backslash
 */
export function parsePath(path: string): string[] | undefined {
  const segments: string[] = []
  let start = 0
  let isPlain = true
  for (let i = 0; i <= path.length; i++) {
    const char = i === path.length ? SLASH : path.charCodeAt(i)
    if (char === SLASH) {
      if (i > start) {
        const text = path.slice(start, i)
        const segment = isPlain ? text : decodeSegment(text)
        if (segment === undefined || segment === '.' || segment === '..') return undefined
        segments.push(segment)
      }
      start = i + 1
      isPlain = true
    } else if (char === PERCENT || char > LAST_ASCII) {
      isPlain = false
    } else if (char === BACKSLASH || char === 0) {
      return undefined
    }
  }
  return segments
}

/** The opposite of `parsePath` for people: `/` and the decoded segments; a `/` inside one is written `%2F`. */
export function formatPath(segments: readonly string[]): string {
  return '/' + segments.map((segment) => segment.replaceAll('/', '%2F')).join('/')
}

function decodeSegment(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text.replace(/[\u0080-\u00ff]/g, encodeByte))
    return decoded.includes('\0') || decoded.includes('\\') ? undefined : decoded
  } catch {
    return undefined
  }
}

// Node hands over the bytes of the request line as latin1 characters.
function encodeByte(char: string): string {
  return '%' + char.charCodeAt(0).toString(16)
}
