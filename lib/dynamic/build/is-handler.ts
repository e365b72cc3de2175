import type { Handler } from '../../index.ts'

/** Whether a value is a handler: a function that isn't a class. One that has methods of its own on its prototype is a class. */
export function isHandler(value: unknown): value is Handler {
  if (typeof value !== 'function') return false
  const members = Object.getOwnPropertyNames((value.prototype as object | undefined) ?? {})
  return members.every((name) => name === 'constructor') && !/^class\b/.test(Function.prototype.toString.call(value))
}
