// Interleaved rounds: each contestant gets one short slice in every round, forwards and backwards in turn.

const WARM_UP_ROUNDS = 6

/**
 * Nanoseconds of processor time per call: for each contestant one figure a round.
 *
 * @param contestants by name `{ call, prepare }`: what is timed, and what makes its inputs for a slice, which isn't
 */
export function measureRounds(contestants, rounds) {
  const slices = Object.entries(contestants).map(([name, { call, prepare }]) => ({
    name,
    prepare,
    time: createTimer(call),
    nanos: [],
  }))
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const { prepare, time, nanos } of round % 2 === 0 ? slices : slices.toReversed()) {
      const figure = time(prepare())
      if (round >= 0) nanos.push(figure)
    }
  }
  return Object.fromEntries(slices.map(({ name, nanos }) => [name, nanos]))
}

/** A timer with a loop of its own: in one loop for all, V8 would see many functions at the one call and inline none. */
function createTimer(call) {
  // What the calls give is looked at, so that none of them can be left out as having no effect.
  const loop = new Function('call', 'inputs', 'let n = 0; for (const input of inputs) if (call(input)) n++; return n')
  return (inputs) => {
    const before = process.cpuUsage()
    loop(call, inputs)
    const { user, system } = process.cpuUsage(before)
    return ((user + system) * 1000) / inputs.length
  }
}
