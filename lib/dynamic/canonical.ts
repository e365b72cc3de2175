import { isObject } from '../kit.ts'

/** Returns a text that two values of JSON have in common where they are equal, whatever the order of their keys. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  const texts = members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)
  return `{${texts.toSorted().join()}}`
}
