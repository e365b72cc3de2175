import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { ConfigError } from '../index.ts'
import { onDemand } from '../kit.ts'

const parsers: Readonly<Record<string, (text: string, path: string) => unknown>> = {
  '.json': parseJson,
  '.yaml': parseYaml,
  '.yml': parseYaml,
}

/** The extensions of the files that have lines. */
export const linesExtensions: readonly string[] = Object.keys(parsers)

/** Returns the content of a file. @throws ConfigError naming it and, where it can't be parsed, the line */
export async function readLinesFile(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw refuse(`${path} can't be read: ${(cause as Error).message}`, cause)
  }
  return parsers[extname(path)]?.(text.replace(/^\uFEFF/, ''), path)
}

function parseJson(text: string, path: string): unknown {
  const place = (at: number) => `${path}:${text.slice(0, at).split('\n').length}`
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw refuse(`${place(findJsonError(text))}: not JSON: ${(cause as Error).message}`, cause)
  }
  const repeated = findRepeatedKey(text)
  if (repeated !== undefined) throw refuse(`${place(repeated.index)}: the key ${repeated.key} is there twice`)
  return content
}

/** Returns the first key of valid JSON that its object has already: `JSON.parse` takes the last one silently. */
function findRepeatedKey(text: string): { readonly key: string; readonly index: number } | undefined {
  const open: Set<unknown>[] = []
  for (const { 0: token, 1: key, index } of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (key !== undefined) {
      const keys = open.at(-1) as Set<unknown>
      const size = keys.size
      if (keys.add(JSON.parse(key)).size === size) return { key, index }
    } else if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
  }
  return undefined
}

/** Returns how much of a text that isn't JSON might begin such a text: not all messages of Node.js have a position. */
function findJsonError(text: string): number {
  let [good, bad] = [0, text.length + 1]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (mayBeginJson(text.slice(0, middle))) good = middle
    else bad = middle
  }
  return good
}

/** Whether a text is JSON or becomes so by what may follow: then the parser fails at its end, or in a string. */
function mayBeginJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const { message } = error as Error
    const at = /at position (\d+)/.exec(message)?.[1]
    return at === undefined ? message.startsWith('Unexpected end') : Number(at) >= text.length
  }
}

const loadYaml = onDemand<typeof import('yaml')>('yaml', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('yaml')
  } catch (error) {
    throw error as Error
  }
})

function parseYaml(text: string, path: string): unknown {
  const { parse, YAMLParseError } = yamlPackage(path)
  try {
    return parse(text)
  } catch (cause) {
    const line = cause instanceof YAMLParseError ? `:${cause.linePos?.[0].line ?? 1}` : ''
    throw refuse(`${path}${line}: not YAML: ${(cause as Error).message.trimEnd()}`, cause)
  }
}

/** The package `yaml`, which applications install. @throws ConfigError where it isn't there */
function yamlPackage(path: string): typeof import('yaml') {
  try {
    return loadYaml()
  } catch (cause) {
    throw new ConfigError(
      `${path} needs the package "yaml", which could not be loaded: run npm install yaml@2, or write the lines as JSON`,
      { failure: 'ERR_TRIBIND_PACKAGE_MISSING', cause },
    )
  }
}

function refuse(message: string, cause?: unknown): ConfigError {
  return new ConfigError(message, { failure: 'ERR_TRIBIND_LANGUAGE_FILE', cause })
}
