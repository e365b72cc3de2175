import { ConfigError, StateError } from '../base/errors.ts'
import { nameErrors } from '../base/name-errors.ts'
import { CODE_LAYER } from '../binding/registry.ts'
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

/**
 * Returns the options of a call with their defaults.
 *
 * @param call with the layer, as messages begin
 * @throws ConfigError naming the call and the option
 */
export function readReplaceOptions(call: string, given: ReplaceOptions): ReadReplaceOptions {
  if (typeof given === 'function')
    throw new ConfigError(`${call}: the build comes first, the options after it`, {
      failure: 'ERR_TRIBIND_ARGUMENT_NOT_A_FUNCTION',
    })
  return nameErrors(call, () => replaceOptions.parse(given))
}

/** @throws StateError for the layer `code`, and if `ifVersion` isn't the version of the server */
export function checkReplaceable(layer: string, { ifVersion }: ReadReplaceOptions, version: number): void {
  if (layer === CODE_LAYER)
    throw new StateError(
      `layer "${CODE_LAYER}" is what was bound on the server itself and never changes: bind in a layer of another name`,
      { failure: 'ERR_TRIBIND_LAYER_CODE' },
    )
  if (ifVersion === undefined || ifVersion === version) return
  throw new StateError(
    `layer "${layer}": option "ifVersion" must be the version of the server, ${version}, got ${ifVersion}`,
    { failure: 'ERR_TRIBIND_LAYER_VERSION' },
  )
}
