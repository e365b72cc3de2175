/** Returns the text of a line with values in their places. */
export type Line = (values: object) => string

/** Is called for a place without a value; returns what stands there. */
export type OnMissingValue = (name: string, written: string) => string

/** Returns a text with places for values: `{name}`, and `{{` for a plain `{`. */
export function createTextLine(text: string, onMissing: OnMissingValue): Line {
  const names: string[] = []
  // What stands around the places: one more than there are places.
  const around = ['']
  let end = 0
  for (const { 0: written, 1: name, index } of text.matchAll(/\{\{|\{([^{}]+)\}/g)) {
    around[names.length] += text.slice(end, index) + (name === undefined ? '{' : '')
    if (name !== undefined) around[names.push(name)] = ''
    end = index + written.length
  }
  around[names.length] += text.slice(end)
  const [first = ''] = around
  if (names.length === 0) return () => first
  return (values) => {
    let result = first
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      const value = ownValue(values, name)
      result +=
        (value === undefined ? onMissing(name, `{${name}}`) : String(value as string)) + (around[i + 1] as string)
    }
    return result
  }
}

/** Returns a value that was passed; `undefined` where it is `null`, too. What an object inherits isn't passed. */
export function ownValue(values: object, name: string): unknown {
  return Object.hasOwn(values, name) ? ((values as Record<string, unknown>)[name] ?? undefined) : undefined
}
