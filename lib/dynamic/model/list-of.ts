import { type OptionFields, isObject, type Option, printValue } from '../../kit.ts'
import { ConfigError } from '../../index.ts'

/** Declares an option that is an array of objects, one at least, each of which a table reads. */
export function listOf<Read>(table: OptionFields<Read>, words: string): Option<unknown, 'always', readonly Read[]> {
  return {
    isValid: (value) => Array.isArray(value) && value.length > 0,
    words: `an array with one at least, each ${words}`,
    required: true,
    convert: (value, place, report = raise) =>
      (value as unknown[]).map((item, i) => {
        const at = `${place}[${i}]`
        if (isObject(item)) return table.parse(item as never, `${at}.`, report)
        report(
          new ConfigError(`option "${at}" must be ${words}, got ${printValue(item)}`, {
            failure: 'ERR_TRIBIND_OPTION_VALUE',
          }),
        )
        return {} as Read
      }),
    json: () => ({ type: 'array', minItems: 1, items: table.jsonSchema() }),
  }
}

function raise(error: Error): never {
  throw error
}
