/** The eight events of a request, in their order. */
export const events = [
  'BeforeServe',
  'AfterServe',
  'BeforePatch',
  'AfterPatch',
  'BeforeOutput',
  'AfterOutput',
  'BeforeClose',
  'AfterClose',
] as const

/** An event of a request, on which hooks are bound. */
export type Event = (typeof events)[number]

export function isEvent(name: unknown): name is Event {
  return (events as readonly unknown[]).includes(name)
}
