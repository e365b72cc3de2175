import { AddressRanges, rangeWords } from '../net/address-ranges.ts'
import type { Option } from '../options/option.ts'

/** The value of `ipAllow` and of `ipDeny`, which is read as the ranges that it lists. */
export const ipListOption: Option<readonly string[], 'always', AddressRanges> = {
  isValid: (value) => Array.isArray(value) && value.length > 0 && value.every(isEntry),
  words: `an array that has at least one of ${rangeWords}`,
  required: true,
  convert: (value) => {
    const ranges = new AddressRanges()
    for (const entry of value as readonly string[]) ranges.add(entry)
    return ranges
  },
  json: () => ({ type: 'array', items: { type: 'string' }, minItems: 1 }),
}

function isEntry(value: unknown): boolean {
  return typeof value === 'string' && new AddressRanges().add(value)
}
