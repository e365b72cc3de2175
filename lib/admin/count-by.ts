/** Counts rows by a text of each, and all of them as `total`. */
export function countBy<Row>(rows: readonly Row[], textOf: (row: Row) => string): Record<string, number> {
  const counts: Record<string, number> = { total: rows.length }
  for (const row of rows) counts[textOf(row)] = (counts[textOf(row)] ?? 0) + 1
  return counts
}
