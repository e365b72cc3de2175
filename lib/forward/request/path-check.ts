import { parsePath } from '../../kit.ts'

/**
 * Whether a path, decoded once more than it was or with `;…` cut off its segments, has a segment `..`: a node that does either
 * would leave the folder that it is to serve.
 */
export function climbs(rawPath: string): boolean {
  // Without any of these, it is as the router has read it.
  if (!rawPath.includes('..') && !rawPath.includes('%')) return false
  const segments = parsePath(rawPath)
  return segments === undefined || segments.some((segment) => hasDots(segment) || hasDots(decodeAgain(segment)))
}

function hasDots(segment: string): boolean {
  return segment.includes('..') && segment.split(/[/\\]/).some((part) => /^\.\.(?:$|[;?#\0])/.test(part))
}

/** Decodes what can be, each character on its own. */
function decodeAgain(segment: string): string {
  return segment.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
