import type { AdminWorld } from '../admin-world.ts'

/** A figure with its labels. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/** A metric that is read at each scrape. */
export interface ReadMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly labels: readonly string[]
  /** What the figure of several workers is. Default: the sum. */
  readonly ofAll?: 'min' | 'max'
  readonly read: (world: AdminWorld) => readonly Sample[]
}

/** Returns a figure without labels. */
export function single(value: number): Sample[] {
  return [{ value }]
}

/** Returns 1 for the state that something has, and 0 for the others that it could have. */
export function states<Label extends string>(
  labels: Readonly<Record<string, string>>,
  label: Label,
  all: readonly string[],
  current: string,
): Sample[] {
  return all.map((state) => ({ labels: { ...labels, [label]: state }, value: Number(state === current) }))
}
