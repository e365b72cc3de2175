import { inspect } from 'node:util'

/** What JSON can say. */
export type Plain = string | number | boolean | null | undefined | readonly Plain[] | { readonly [name: string]: Plain }

const MAX_DEPTH = 8

/**
 * A copy of any value that JSON can hold: errors with what they say, objects of classes as `inspect` shows them. What
 * can't be read is said to be so, in its place.
 */
export function toPlain(value: unknown, outer: readonly unknown[] = []): Plain {
  try {
    return convert(value, outer)
  } catch {
    return '[unreadable]'
  }
}

function convert(value: unknown, outer: readonly unknown[]): Plain {
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'function') return `[function ${value.name}]`
  if (typeof value !== 'object' || value === null) return value as Plain
  if (outer.includes(value)) return '[circular]'
  if (outer.length >= MAX_DEPTH) return '[too deep]'
  const inner = [...outer, value]
  if (value instanceof Error) return copy(value, [...errorParts], inner)
  if (Array.isArray(value)) return value.map((item) => toPlain(item, inner))
  if (isRecord(value)) return copy(value, Object.keys(value), inner)
  // Bytes would be written one by one.
  const isBytes = ArrayBuffer.isView(value)
  if (!isBytes && 'toJSON' in value && typeof value.toJSON === 'function') return toPlain(value.toJSON(), inner)
  return inspect(value, { depth: 1, breakLength: Infinity })
}

const errorParts = ['name', 'message', 'stack', 'code', 'cause', 'errors'] as const

function copy(value: object, names: readonly string[], inner: readonly unknown[]): Plain {
  const parts = names.map((name) => [name, read(value, name, inner)] as const)
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined))
}

function read(value: object, name: string, inner: readonly unknown[]): Plain {
  try {
    return toPlain((value as Record<string, unknown>)[name], inner)
  } catch {
    return '[unreadable]'
  }
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !('toJSON' in value)
}
