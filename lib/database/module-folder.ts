import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ConfigError } from '../index.ts'
import type { Option } from '../kit.ts'

/** Declares an option that is the folder of modules. */
export function folderOption(): Option<string | URL, 'always', string> {
  const isValid = (value: unknown) =>
    value instanceof URL ? value.protocol === 'file:' : typeof value === 'string' && value !== ''
  const convert = (value: unknown) => (value instanceof URL ? fileURLToPath(value) : resolve(value as string))
  return { isValid, words: 'a folder, as a path or a file: URL', required: true, convert }
}

/** A module of a folder, not loaded yet. */
export interface ModuleFile {
  /** That of the file, without its ending. */
  readonly name: string
  readonly file: string
}

/**
 * Returns the modules of a folder by their names, in the order of those.
 *
 * @param use what asks, and what is in the folder, for messages: `migrator: the folder of migrations`
 * @throws ConfigError if the folder can't be read, or two files have one name
 */
export async function listModules(folder: string, use: string): Promise<ModuleFile[]> {
  let entries
  try {
    entries = await readdir(folder)
  } catch (cause) {
    throw new ConfigError(`${use} can't be read: ${folder}`, { failure: 'ERR_TRIBIND_OPTION_VALUE', cause })
  }
  const found = new Map<string, ModuleFile>()
  for (const entry of entries.filter((name) => /(?<!\.d)\.[cm]?[jt]s$/.test(name)).toSorted()) {
    const name = entry.slice(0, entry.lastIndexOf('.'))
    const twin = found.get(name)
    const file = join(folder, entry)
    if (twin !== undefined)
      throw new ConfigError(`${use} has two files of one name: ${twin.file} and ${file}`, {
        failure: 'ERR_TRIBIND_OPTION_VALUE',
      })
    found.set(name, { name, file })
  }
  return [...found.values()].toSorted((a, b) => compareNames(a.name, b.name))
}

/** Loads a module. Returns what it exports; of one in CommonJS, what it exports as a whole. @throws ConfigError naming the file */
export async function loadModule({ file }: ModuleFile): Promise<Readonly<Record<string, unknown>>> {
  let loaded
  try {
    loaded = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw new ConfigError(`${file} can't be loaded: ${messageOf(cause)}`, {
      failure: 'ERR_TRIBIND_OPTION_VALUE',
      cause,
    })
  }
  const whole = loaded['default']
  return typeof whole === 'object' && whole !== null ? { ...loaded, ...whole } : loaded
}

/** By characters, so that the order is the same on every machine. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
