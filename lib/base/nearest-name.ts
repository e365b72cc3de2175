/**
 * Returns the known name that a misspelt one most likely means. Case is ignored.
 *
 * @returns `undefined` if every name differs by more than a third of its letters
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let least = Infinity
  for (const candidate of known) {
    const edits = countEdits(name.toLowerCase(), candidate.toLowerCase())
    if (edits >= least || edits > Math.max(name.length, candidate.length) / 3) continue
    least = edits
    nearest = candidate
  }
  return nearest
}

/** Returns the end of a message about a misspelt name: `, did you mean "…"?`, or nothing, as for a value that is no name. */
export function suggestName(name: unknown, known: Iterable<string>): string {
  const nearest = typeof name === 'string' ? nearestName(name, known) : undefined
  return nearest === undefined ? '' : `, did you mean "${nearest}"?`
}

/** Returns how many letters must be added, left out, replaced or swapped with the next (optimal string alignment). */
function countEdits(from: string, to: string): number {
  let last: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1]
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const edits = [at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + (isSame ? 0 : 1)]
      row[j] = Math.min(...edits, isSwap ? at(last, j - 2) + 1 : Infinity)
    }
    last = above
  }
  return at(row, to.length)
}

function at(row: readonly number[], j: number): number {
  return row[j] as number
}
