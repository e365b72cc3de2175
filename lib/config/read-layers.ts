import { readFile, stat } from 'node:fs/promises'
import { basename, parse, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConfigIssue } from '../index.ts'
import { createConfigError, createIssue } from './config-issues.ts'
import type { ConfigNode, ReportProblem } from './config-node.ts'
import { parseEnvFile } from './parse-env-file.ts'
import { parseJson } from './parse-json.ts'
import { parseToml } from './parse-toml.ts'
import { parseYaml } from './parse-yaml.ts'

const MAX_BYTES = 1024 * 1024

/** `undefined` for a text without a value. @throws ConfigError if the parser isn't installed */
type Parse = (text: string, source: string, report: ReportProblem) => ConfigNode | undefined

const parsers: Readonly<Record<string, Parse>> = {
  '.json': parseJson,
  '.jsonc': (text, source, report) => parseJson(text, source, report, true),
  '.yaml': parseYaml,
  '.yml': parseYaml,
  '.toml': parseToml,
}

/** What files hold: a layer each, the lowest first; or names for `${}`. */
export interface ReadFiles {
  readonly layers: readonly ConfigNode[]
  readonly variables: Readonly<Record<string, string>>
}

/**
 * Reads configuration files, each followed by the one for the environment where there is one.
 *
 * @throws ConfigError with what is wrong with any of them
 */
export async function readLayers(files: readonly (string | URL)[], environment: string): Promise<ReadFiles> {
  const paths = files.map((file) => (file instanceof URL ? fileURLToPath(file) : file))
  const sources = paths.flatMap((path) => [
    { path, isOptional: false },
    ...(environment === '' ? [] : [{ path: pathFor(path, environment), isOptional: true }]),
  ])
  const layers: ConfigNode[] = []
  const variables: Record<string, string> = {}
  const problems: ConfigIssue[] = []
  for (const { path, isOptional } of sources) {
    const source = nameOf(path, sources)
    const report: ReportProblem = ({ line, message }) => problems.push(createIssue([], { source, line }, message))
    const text = await readText(path, isOptional, report)
    if (text === undefined) continue
    if (isEnvFile(path)) Object.assign(variables, parseEnvFile(text, report))
    else layers.push(...parseLayer(path, text, source, report))
  }
  if (problems.length > 0) throw createConfigError(problems, 'ERR_TRIBIND_CONFIG_FILE')
  return { layers, variables }
}

/** Whether a file is of a kind that can be read. */
export function isKnownKind(file: string | URL): boolean {
  const path = file instanceof URL ? file.pathname : file
  return isEnvFile(path) || Object.hasOwn(parsers, kindOf(path))
}

/** The kinds of files, for messages. */
export const kinds: string = [...Object.keys(parsers), '.env'].join(', ')

function parseLayer(path: string, text: string, source: string, report: ReportProblem): readonly ConfigNode[] {
  const layer = (parsers[kindOf(path)] as Parse)(text, source, report)
  // A layer too: what is missing is missing in it.
  if (layer === undefined || (layer.kind === 'scalar' && layer.value === null))
    return [{ source, kind: 'object', children: new Map() }]
  if (layer.kind === 'object') return [{ ...layer, line: undefined }]
  report({ message: `must be an object, got ${layer.kind === 'array' ? 'an array' : 'a single value'}` })
  return []
}

async function readText(path: string, isOptional: boolean, report: ReportProblem): Promise<string | undefined> {
  try {
    return await readSmall(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' || !isOptional) report({ message: `${path} ${describeFailure(error as Error)}` })
    return undefined
  }
}

async function readSmall(path: string): Promise<string> {
  const stats = await stat(path)
  if (!stats.isFile()) throw new Error('is not a file')
  if (stats.size > MAX_BYTES) throw new Error('is larger than 1 MiB')
  // Without the byte order mark, if there is one.
  return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)).replaceAll('\r\n', '\n')
}

function describeFailure(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) return error.message
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not a text in UTF-8'
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist'
  return code === 'EACCES' ? 'cannot be read: permission denied' : `cannot be read (${code})`
}

/** Returns the path of the file for an environment: `config.production.yaml` for `config.yaml`. */
function pathFor(path: string, environment: string): string {
  const { name, ext, base } = parse(path)
  return `${path.slice(0, -base.length)}${name}.${environment}${ext}`
}

/** Returns the name of a file, with its folder if there is another one of that name. */
function nameOf(path: string, all: readonly { readonly path: string }[]): string {
  const name = basename(path)
  const hasTwin = all.some((other) => other.path !== path && basename(other.path) === name)
  return hasTwin ? relative('', path) : name
}

function kindOf(path: string): string {
  return parse(path).ext.toLowerCase()
}

/** `.env`, `app.env`, and `.env.local` and such. */
function isEnvFile(path: string): boolean {
  const { base, ext } = parse(path)
  return base === '.env' || ext === '.env' || (base.startsWith('.env.') && !Object.hasOwn(parsers, ext))
}
