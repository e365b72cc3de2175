import { parsePath } from './path.ts'

/** Where a segment of a path begins and ends, as it was written. */
export interface RawSegment {
  readonly start: number
  readonly end: number
}

/** Finds the segments of a path, without the empty ones, as `parsePath` does. */
export function findRawSegments(path: string): RawSegment[] {
  const segments: RawSegment[] = []
  let start = 0
  for (let i = 0; i <= path.length; i++) {
    if (i < path.length && path[i] !== '/') continue
    if (i > start) segments.push({ start, end: i })
    start = i + 1
  }
  return segments
}

/**
 * Takes segments off the beginning of a path, however they are written there.
 *
 * @param prefix decoded
 * @returns `undefined` for a path that doesn't begin with them
 */
export function stripSegments(path: string, prefix: readonly string[]): string | undefined {
  const decoded = parsePath(path)
  if (decoded === undefined || !prefix.every((segment, i) => segment === decoded[i])) return undefined
  const end = findRawSegments(path)[prefix.length - 1]?.end ?? 0
  return path.slice(end) || '/'
}
