import { dirname, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { ConfigIssue } from '../../index.ts'
import { isObject } from '../../kit.ts'
import { createIssue, describeUnknown } from '../../config/config-issues.ts'
import { type ConfigNode, type ObjectNode, toPlain } from '../../config/config-node.ts'
import { isDocument, parseDocument } from '../../config/parse-document.ts'
import { decodeText, readText } from '../../config/read-text.ts'
import { partFields } from './fields.ts'
import { type PartKind, type Written, type WrittenPart } from './written-part.ts'

/** The name of standard input among files. */
export const STANDARD_INPUT = '-'

const MAX_MEBIBYTES = 16
const kinds = Object.keys(partFields) as PartKind[]

/**
 * Reads services files, each as JSON, YAML or TOML by its extension, or by its beginning where that is another.
 *
 * @param input what standard input says; it is read where a file is `-`
 */
export async function readFiles(files: readonly string[], input: () => Promise<string>): Promise<Written> {
  const all = await Promise.all(files.map((file) => readOne(file, input)))
  return { parts: all.flatMap(({ parts }) => parts), issues: all.flatMap(({ issues }) => issues) }
}

/** Reads a stream as a text, once, as standard input can't be read again. */
export function readOnce(stream: Readable): () => Promise<string> {
  let text: Promise<string> | undefined
  return () => (text ??= buffer(stream).then(decodeText))
}

async function readOne(file: string, input: () => Promise<string>): Promise<Written> {
  const source = file === STANDARD_INPUT ? 'standard input' : file
  const issues: ConfigIssue[] = []
  try {
    const text = await (file === STANDARD_INPUT ? input() : readText(file, MAX_MEBIBYTES))
    const name = isDocument(file) ? file : `services${guessKind(text)}`
    const root = parseDocument(
      name,
      text,
      (problem) => issues.push(createIssue([], { source, ...problem }, problem.message)),
      source,
    )
    const folder = file === STANDARD_INPUT ? process.cwd() : dirname(resolve(file))
    const parts = issues.length > 0 || root === undefined ? [] : readParts(root, folder, issues)
    if (issues.length === 0 && parts.length === 0)
      issues.push(createIssue([], { source }, 'says nothing: it must have services'))
    return { parts, issues }
  } catch (error) {
    // What readText and the parsers throw follows the name of the file.
    return { parts: [], issues: [...issues, createIssue([], { source }, (error as Error).message)] }
  }
}

/** Returns the extension of what a text most likely is. */
function guessKind(text: string): string {
  if (/^\s*[{[]\s*(?:["}\]]|$)/.test(text)) return '.json'
  const [first = ''] = /^(?!\s*(?:#|$)).+$/m.exec(text) ?? []
  return /^\s*(?:\[|[\w."-]+\s*=)/.test(first) ? '.toml' : '.yaml'
}

function readParts(root: ObjectNode, folder: string, issues: ConfigIssue[]): WrittenPart[] {
  return [...root.children].flatMap(([name, node]) => {
    if (name === '$schema' || isNothing(node)) return []
    if (name === 'api') return [toPart('api', node, name, folder)]
    if (!kinds.includes(name as PartKind)) issues.push(describeUnknown([name], root, kinds))
    else if (node.kind === 'array')
      return node.children.map((item, i) => toPart(name as PartKind, item, `${name}.${i}`, folder))
    else
      issues.push(
        createIssue(
          [name],
          node,
          `must be a list of ${name}, got ${node.kind === 'object' ? 'an object' : 'a single value'}`,
        ),
      )
    return []
  })
}

/** Whether a key stands there without a value, as in YAML. */
function isNothing(node: ConfigNode): boolean {
  return node.kind === 'scalar' && node.value === null
}

function toPart(kind: PartKind, node: ConfigNode, at: string, folder: string): WrittenPart {
  return {
    kind,
    given: joinObserver(toPlain(node)),
    folder,
    placeOf(path) {
      const { source, line } = locate(node, path)
      return { source, path: path === '' ? at : `${at}.${path}`, ...(line !== undefined && { line }) }
    },
  }
}

/** Spells `observer: { period }` in `metadata` as `observer.period`, since in TOML a key with a dot is written so. */
function joinObserver(given: unknown): unknown {
  if (!isObject(given) || !('metadata' in given) || !isObject(given.metadata)) return given
  const { observer, ...metadata } = given.metadata as Readonly<Record<string, unknown>>
  if (!isObject(observer)) return given
  const joined = Object.entries(observer).map(([name, value]) => [`observer.${name}`, value])
  return { ...given, metadata: { ...metadata, ...Object.fromEntries(joined) } }
}

/** Returns the node at a path, or the last one on the way to it. A key may have dots. */
function locate(node: ConfigNode, path: string): ConfigNode {
  if (path === '' || node.kind === 'scalar') return node
  const keys = [...node.children.keys()].map(String)
  const [key] = keys.filter((one) => path === one || path.startsWith(`${one}.`)).toSorted((a, b) => b.length - a.length)
  if (key === undefined) return node
  const child = node.kind === 'array' ? node.children[Number(key)] : node.children.get(key)
  return locate(child as ConfigNode, path.slice(key.length + 1))
}
