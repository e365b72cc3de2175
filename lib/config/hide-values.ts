/** A run of so many characters of a longer value counts as the value. */
const MIN_RUN = 12

/**
 * Returns the message of a schema without values of environment variables, which may be secrets: without what was received if
 * that is enough, else another message.
 *
 * @param own the values that are part of what the message is about, by name
 * @param others those in the rest of the configuration
 */
export function hideValues(
  message: string,
  own: ReadonlyMap<string, string>,
  others: ReadonlyMap<string, string>,
): string {
  const shown = [message, message.replace(received, '')].find((text) => !showsAny(text, own, others))
  return shown ?? 'is not valid (what the schema says of it contains the value of an environment variable)'
}

/** What was received, as valibot, ArkType, zod and the options of tribind say it. */
const received = /(?:,? (?:but )?(?:got|received) | \(was ).*$/is

function showsAny(text: string, own: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): boolean {
  const where = text.toLowerCase()
  const all = (variables: ReadonlyMap<string, string>) => [...variables.values()].flatMap(formsOf)
  if (all(own).some((value) => showsWhole(where, value) || showsRun(where, value))) return true
  // Short values of something else are found in many messages.
  return all(others).some((value) => value.length >= 4 && !/^(?:true|false)$/.test(value) && showsWhole(where, value))
}

/** Returns a value as messages may have it: also as the number that it became. */
function formsOf(value: string): string[] {
  const isNumber = value.trim() !== '' && Number.isFinite(Number(value))
  return [value.toLowerCase(), ...(isNumber ? [String(Number(value))] : [])]
}

function showsWhole(text: string, value: string): boolean {
  return value !== '' && (text.includes(value) || text.includes(JSON.stringify(value).slice(1, -1)))
}

function showsRun(text: string, value: string): boolean {
  // By the runs of the message, which is the shorter one.
  for (let at = 0; at + MIN_RUN <= text.length; at++) if (value.includes(text.slice(at, at + MIN_RUN))) return true
  return false
}
