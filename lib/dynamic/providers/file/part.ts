import { createHash } from 'node:crypto'
import { createIssue } from '../../../config/config-issues.ts'
import { type ConfigNode, findNode, type ObjectNode, type Path, toPlain } from '../../../config/config-node.ts'
import { parseDocument } from '../../../config/parse-document.ts'
import type { ConfigIssue } from '../../../index.ts'

/** What one file of a configuration holds. */
export interface Part {
  /** The name of the file. */
  readonly source: string
  /** Equal for equal contents. */
  readonly hash: string
  /** `undefined` for what has issues. */
  readonly root: ObjectNode | undefined
  readonly issues: readonly ConfigIssue[]
}

/** Parts by the name of their file, in the order of the names. */
export type Parts = ReadonlyMap<string, Part>

/** Reads the text of a file, or notes why there is none. @param kind a path with the extension to go by */
export function readPart(source: string, text: string | Error, kind: string = source): Part {
  const hash = hashOf(text)
  const issues: ConfigIssue[] = []
  const report = ({ line, message }: { readonly line?: number | undefined; readonly message: string }) =>
    void issues.push(createIssue([], { source, line }, message))
  const root = text instanceof Error ? undefined : parse(text, kind, source, report)
  if (text instanceof Error) report(text)
  else if (root === undefined && issues.length === 0)
    report({ message: 'is empty, which changes nothing: to take routes away, write "routes: {}"' })
  return { source, hash, root: issues.length > 0 ? undefined : root, issues }
}

/** Returns the hash of a text, or of the message of an error. */
export function hashOf(text: string | Error): string {
  return createHash('sha256').update(String(text)).digest('hex').slice(0, 16)
}

/** Returns the document of some parts, of which no two have the same name in the same section. */
export function mergeParts(parts: Iterable<Part>): Record<string, unknown> {
  const document: Record<string, unknown> = {}
  for (const { root } of parts)
    for (const [section, node] of root?.children ?? []) {
      const value = toPlain(node)
      document[section] = node.kind === 'object' ? { ...(document[section] as object), ...(value as object) } : value
    }
  return document
}

/** Returns what a part has at a path such as `routes.cart.pattern`, or next to it; `undefined` if it doesn't have the section and name. */
export function findInPart({ root }: Part, path: string): ConfigNode | undefined {
  const [section = '', ...rest] = path.split('.')
  const node = root?.children.get(section)
  if (node?.kind !== 'object' || rest.length === 0) return node
  // A name may have dots of its own.
  for (let length = rest.length; length > 0; length--) {
    const child = node.children.get(rest.slice(0, length).join('.'))
    if (child !== undefined) return findNode(child, rest.slice(length)).node
  }
  return undefined
}

/** Lists the sections of a part, and what is in them by name. */
export function pathsOf({ root }: Part): readonly { readonly path: Path; readonly node: ConfigNode }[] {
  return [...(root?.children ?? [])].flatMap(([section, node]) => [
    { path: [section], node },
    ...[...(node.kind === 'object' ? node.children : [])].map(([name, child]) => ({
      path: [section, name],
      node: child,
    })),
  ])
}

/** Whether a file has other parts than before. */
export function hasChanged(source: string, parts: Parts, before: Parts): boolean {
  return parts.get(source)?.hash !== before.get(source)?.hash
}

function parse(
  text: string,
  kind: string,
  source: string,
  report: (problem: { readonly line?: number | undefined; readonly message: string }) => void,
): ObjectNode | undefined {
  try {
    const root = parseDocument(kind, text, report, source)
    return root === undefined ? undefined : withoutNothing(root)
  } catch (error) {
    // The parser isn't installed.
    report(error as Error)
    return undefined
  }
}

/** Leaves out sections of which nothing but the key is left, as `routes:` in YAML; returns `undefined` if that is all. */
function withoutNothing(root: ObjectNode): ObjectNode | undefined {
  const children = [...root.children].filter(([, node]) => node.kind !== 'scalar' || node.value !== null)
  return children.length === 0 ? undefined : { ...root, children: new Map(children) }
}
