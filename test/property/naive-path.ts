/**
 * How the contract reads a path, byte by byte: split at `/`, empty segments dropped, each segment decoded on its own.
 *
 * @param path as `node:http` gives it, one latin1 character for each byte
 * @returns `undefined` for a path that is answered 400
 */
export function readPathNaively(path: string): string[] | undefined {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeNaively)
  return segments.every((segment) => segment !== undefined) ? segments : undefined
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeNaively(segment: string): string | undefined {
  const bytes: number[] = []
  for (let i = 0; i < segment.length; i++) {
    if (segment[i] !== '%') bytes.push(segment.charCodeAt(i))
    else {
      const hex = segment.slice(i + 1, i + 3)
      if (!/^[0-9a-f]{2}$/i.test(hex)) return undefined
      bytes.push(Number.parseInt(hex, 16))
      i += 2
    }
  }
  try {
    const text = utf8.decode(Uint8Array.from(bytes))
    return text === '.' || text === '..' || text.includes('\0') || text.includes('\\') ? undefined : text
  } catch {
    return undefined
  }
}
