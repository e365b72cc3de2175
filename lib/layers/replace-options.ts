import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { type Duration, duration, flag, integer, oneOf } from '../options/option-kinds.ts'

/** How a layer is replaced or removed. */
export interface ReplaceOptions {
  /** The version that the server must have when it is the turn of the call; any other is a `StateError`. Default: any. */
  ifVersion?: number
  /** Whether all is built and nothing is changed; what `onRetire` and `keep` were given runs and is closed at once. Default false. */
  dryRun?: boolean
  /**
   * `end` ends the event streams and WebSockets of the layer whose route is gone or has another function, object or class; a function
   * that each build makes anew is another one. Default `keep`.
   */
  streams?: 'keep' | 'end'
  /** How long those that are ended may take before they are cut. Default 10 s. */
  drainTimeout?: Duration
}

export interface ReadReplaceOptions extends ReplaceOptions {
  readonly dryRun: boolean
  readonly streams: 'keep' | 'end'
  /** In milliseconds. */
  readonly drainTimeout: number
}

/** The table of the options of `replace` and `remove`. */
export const replaceOptions: OptionTable<ReplaceOptions, ReadReplaceOptions> = defineOptions({
  ifVersion: integer({ from: 1 }),
  dryRun: flag({ default: false }),
  streams: oneOf(['keep', 'end'], { default: 'keep' }),
  drainTimeout: duration(0, { default: '10s' }),
})
