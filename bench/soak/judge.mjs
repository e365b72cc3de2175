// What must hold after the load, by what there was before it.

const FIFTH = 1.2

/** What the allocator may keep of what hostile clients had it take at once: decoders of brotli have 16 MiB each. */
const KEPT_BYTES = 32 * 2 ** 20

/** Gives what doesn't hold, a line each. */
export function judge(before, after, visits) {
  const faults = after.failures.map((failure) => `the server logged: ${failure}`)
  const must = (holds, what) => holds || faults.push(`${what}: ${JSON.stringify({ before, after })}`)
  must(after.connections === 0, 'connections are still open')
  must(after.sources === 0, 'streams are still being read')
  must(after.retirements === 0, 'functions of onRetire have not run')
  must(after.pools === 0, 'kept values are still open')
  must(after.uploads === 0, 'uploaded files are left')
  must(after.files <= before.files, 'more file descriptors are open')
  must(after.BeforeClose === after.BeforeServe, 'BeforeClose ran more or less often than there were requests')
  must(after.AfterClose === after.BeforeServe, 'AfterClose ran more or less often than there were requests')
  for (const change of ['replaced', 'refused', 'opened']) must(after[change] > before[change], `nothing was ${change}`)
  must(after.heapUsed <= before.heapUsed * FIFTH, 'the heap has grown by more than a fifth')
  must(after.rss <= before.rss * FIFTH + KEPT_BYTES, 'memory has grown by more than a fifth and 32 MiB')
  must(
    Object.values(visits).every((count) => count > 0),
    'a kind of client never came',
  )
  return faults
}

/** Gives what doesn't hold after the stop, by what the receivers of events were told. */
export function judgeEnd({ failures, retirements, pools, statistics }, receivers) {
  const faults = failures.map((failure) => `the server logged: ${failure}`)
  if (retirements !== 0 || pools !== 0) faults.push(`after the stop: ${JSON.stringify({ retirements, pools })}`)
  const told = receivers.map((receiver) =>
    Object.entries(statistics).map(([name, totals]) => receiver.judge(name, totals)),
  )
  return [...faults, ...told.flat(2)]
}
