import type { IncomingMessage } from 'node:http'
import { type Fields, hopFilter, isListField, type ReadChanges, type RequestCore } from '../../kit.ts'

/**
 * Sets the fields of a node's answer on the response, in place of those of the same name that were set before; lists are added to.
 *
 * @param isOther which fields, by lower-case name, are set in another way
 */
export function setAnswerFields(
  { response }: RequestCore,
  { rawHeaders, headers }: IncomingMessage,
  changes: ReadChanges,
  isOther: (name: string) => boolean = () => false,
): void {
  const isHop = hopFilter(headers.connection)
  const seen = new Set<string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const value = rawHeaders[i + 1] as string
    const key = name.toLowerCase()
    if ((isHop(key) && key !== 'content-length') || changes.has(key) || isOther(key)) continue
    if (seen.has(key) || isListField(key)) response.addHeader(name, value)
    else response.setHeader(name, value)
    seen.add(key)
  }
  for (const { name, value } of changes.values()) {
    if (value === '') response.removeHeader(name)
    else response.setHeader(name, value)
  }
}

/** Returns the fields of a 101 that belong to the protocol that begins. */
export function switchFields({ rawHeaders }: IncomingMessage): Fields {
  const fields: Fields = ['Connection', 'Upgrade']
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (isOfSwitch((rawHeaders[i] as string).toLowerCase()))
      fields.push(rawHeaders[i] as string, rawHeaders[i + 1] as string)
  }
  return fields
}

/** Whether a field of a 101 belongs to the protocol that begins. */
export function isOfSwitch(name: string): boolean {
  return name === 'upgrade' || name.startsWith('sec-websocket-')
}
