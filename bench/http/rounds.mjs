// Interleaved rounds, so that a wave of noise meets all alike.

/** Gives `{ framework, series }` for each of `entries`: the figures that `measure(entry)` gave in each round, by name. */
export async function takeTurns(entries, rounds, measure) {
  const series = new Map(entries.map((entry) => [entry, {}]))
  for (let round = 0; round < rounds; round += 1) {
    // Every second round runs backwards, so that no framework always follows the same one.
    for (const entry of round % 2 === 0 ? entries : entries.toReversed()) {
      for (const [name, figure] of Object.entries(await measure(entry))) (series.get(entry)[name] ??= []).push(figure)
    }
  }
  return entries.map((entry) => ({ framework: entry.framework, series: series.get(entry) }))
}
