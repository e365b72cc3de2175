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
