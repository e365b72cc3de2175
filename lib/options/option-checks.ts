import { ConfigError } from '../base/errors.ts'
import { noSuchOption } from './no-such-option.ts'

/** Whether a value is in the range of an option, and that range in words. */
export type Check = readonly [isValid: (value: unknown) => boolean, range: string]

/** A check for each option. */
export type Checks<Options> = { readonly [Name in keyof Required<Options>]: Check }

export const flag: Check = [(value) => typeof value === 'boolean', 'true or false']
export const text: Check = [isText, 'a text that is not empty']

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** A value that an option can't have, for the message. */
export function printValue(value: unknown): string {
  return typeof value === 'string' || Array.isArray(value) ? JSON.stringify(value) : String(value)
}

/**
 * Checks options that are the value of another one.
 *
 * @throws ConfigError naming the option that doesn't exist or is out of its range; never its value, which may be a secret
 */
export function checkFields<Options extends object>(option: string, given: Options, checks: Checks<Options>): void {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(checks, name)) throw new ConfigError(noSuchOption(name, Object.keys(checks), `${option}.`))
    const [isValid, range] = checks[name as keyof Options]
    if (value !== undefined && !isValid(value)) throw new ConfigError(`the option "${option}.${name}" is ${range}`)
  }
}
