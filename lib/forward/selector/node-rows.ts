import type { Duration } from '../../index.ts'
import { duration, flag, integer, type Option } from '../../kit.ts'

/** Beyond it, sums of weights would lose their last digits. */
const MAX_WEIGHT = 1_000_000_000

/** The options by which any node is chosen and counts as failed; the last two default to those of its selector. */
export const nodeRows: {
  readonly weight: Option<number, 'always'>
  readonly backup: Option<boolean, 'always'>
  readonly maxFails: Option<number, 'maybe'>
  readonly failTimeout: Option<Duration, 'maybe', number>
} = {
  weight: integer({ from: 1, to: MAX_WEIGHT }, { default: 1, summary: 'its share, in proportion to the others' }),
  backup: flag({ default: false, summary: 'whether it is used only where no other is left' }),
  maxFails: integer(
    { from: 0 },
    { defaultText: 'that of the selector', summary: 'how many failures in a row make it count as failed' },
  ),
  failTimeout: duration(0, { defaultText: 'that of the selector', summary: 'how long it is left out then' }),
}
