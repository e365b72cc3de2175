import { isPlain } from '../kit.ts'

/** Whether a value is an array or a plain object, and not an instance of a class. */
export function isBranch(value: unknown): value is object {
  return Array.isArray(value) || (typeof value === 'object' && value !== null && isPlain(value))
}

/** Returns a copy of arrays and plain objects that is frozen through and through. Anything else stays what it is. */
export function copyFrozen(value: unknown): unknown {
  if (!isBranch(value)) return value
  if (Array.isArray(value)) return Object.freeze(value.map(copyFrozen))
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, child]) => [key, copyFrozen(child)])))
}
