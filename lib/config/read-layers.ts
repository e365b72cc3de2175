import { basename, parse, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConfigIssue } from '../index.ts'
import { createConfigError, createIssue } from './config-issues.ts'
import type { ConfigNode, ReportProblem } from './config-node.ts'
import { documentKinds, isDocument, parseDocument } from './parse-document.ts'
import { parseEnvFile } from './parse-env-file.ts'
import { readText } from './read-text.ts'

const MAX_MEBIBYTES = 1

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
    const text = await readFileText(path, isOptional, report)
    if (text === undefined) continue
    if (isEnvFile(path)) Object.assign(variables, parseEnvFile(text, report))
    else layers.push(parseLayer(path, text, source, report))
  }
  if (problems.length > 0) throw createConfigError(problems, 'ERR_TRIBIND_CONFIG_FILE')
  return { layers, variables }
}

/** Whether a file is of a kind that can be read. */
export function isKnownKind(file: string | URL): boolean {
  const path = file instanceof URL ? file.pathname : file
  return isEnvFile(path) || isDocument(path)
}

/** The kinds of files, for messages. */
export const kinds: string = [...documentKinds, '.env'].join(', ')

function parseLayer(path: string, text: string, source: string, report: ReportProblem): ConfigNode {
  const layer = parseDocument(path, text, report, source)
  // An empty file is a layer too: what is missing is missing in it.
  return layer === undefined ? { source, kind: 'object', children: new Map() } : { ...layer, line: undefined }
}

async function readFileText(path: string, isOptional: boolean, report: ReportProblem): Promise<string | undefined> {
  try {
    return await readText(path, MAX_MEBIBYTES)
  } catch (error) {
    const { message, cause } = error as Error
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    if (!isMissing || !isOptional) report({ message: `${path} ${message}` })
    return undefined
  }
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

/** `.env`, `app.env`, and `.env.local` and such. */
function isEnvFile(path: string): boolean {
  const { base, ext } = parse(path)
  return base === '.env' || ext === '.env' || (base.startsWith('.env.') && !isDocument(path))
}
