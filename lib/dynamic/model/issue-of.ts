import type { ConfigurationIssue } from '../../index.ts'

/** Returns the issue that the error of a table of options is. @param path of the part that the table reads */
export function issueOf({ message }: Error, path: string): ConfigurationIssue {
  const [, unknown, name, rest = ''] = /^(?:\w+: )?(unknown )?options? "([^"]+)":?(.*)$/s.exec(message) ?? []
  if (name === undefined) return { path, message }
  const words = unknown === undefined ? rest.replace(/^[\s,]+/, '').trimEnd() : `is not known${rest}`
  return { path: joinPath(path, name), message: words }
}

/** Returns the path of what stands at a place in a part, such as `services.carts.forward.nodes.0` for `forward.nodes[0]`. */
export function joinPath(path: string, place: string): string {
  const names = place.replaceAll(/\[(\d+)\]/g, '.$1')
  return names === '' ? path : `${path}.${names}`
}
