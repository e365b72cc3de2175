import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../index.ts'
import { callback, defineOptions, flag, type OptionTable, printValue, text } from '../kit.ts'
import type { LineFormat } from './create-line.ts'
import { flattenLines } from './flatten-lines.ts'
import { readName } from './language-name.ts'
import { Languages, type LanguagesSettings } from './languages.ts'
import { linesExtensions, readLinesFile } from './read-lines-file.ts'

/** The options of `loadLanguages`. */
export interface LanguagesOptions {
  /** The language in which a line is looked for at last, and that of clients who ask for none that is there. Default `en-US`. */
  default?: string
  /** Whether a line or a value that is missing is a `LanguageError`. Default false. */
  strict?: boolean
  /** Another syntax of lines. Default: `{name}`. */
  format?: LineFormat
}

/** The table of the options of `loadLanguages`. */
export const languagesOptions: OptionTable<LanguagesOptions, LanguagesSettings> = defineOptions(
  {
    default: text({ default: 'en-US' }),
    strict: flag({ default: false }),
    format: callback('a function of a text and a language', { defaultText: '`{name}`' }),
  },
  { owner: 'loadLanguages' },
)

/** A file of lines. */
interface LinesFile {
  readonly path: string
  /** That of its language, in canonical form. */
  readonly name: string
  /** The first part of its keys; `''` for none. */
  readonly prefix: string
}

/**
 * Reads the languages of a folder: the files `NAME.json` and `NAME.yaml`, and those in the folders `NAME`, where the name of a
 * file is the first part of its keys.
 *
 * @param folder relative to the working directory, or a `file:` URL
 * @throws ConfigError naming the option, or the file with its line or key
 */
export async function loadLanguages(folder: string | URL, options: LanguagesOptions = {}): Promise<Languages> {
  const settings = languagesOptions.parse(options)
  const defaultName = readName(settings.default, 'loadLanguages: option "default"')
  const root = folder instanceof URL ? fileURLToPath(folder) : folder
  const files = await findFiles(root)
  const names = [...new Set(files.map(({ name }) => name))].toSorted()
  if (!names.includes(defaultName)) throw refuseDefault(defaultName, root, names)
  const languages = new Languages(names, { ...settings, default: defaultName })
  const places = new Map<string, string>()
  for (const { path, name, prefix } of files) {
    const lines = flattenLines(await readLinesFile(path), path, prefix)
    for (const [key] of lines) checkOnce(places, name, key, path)
    languages.add(name, lines, path)
  }
  return languages
}

/** @throws ConfigError for a line that is in two files */
function checkOnce(places: Map<string, string>, name: string, key: string, path: string): void {
  const id = `${name} ${key}`
  const earlier = places.get(id)
  if (earlier !== undefined)
    throw new ConfigError(`${path}: the line ${printValue(key)} is in ${earlier} too: keep one of them`, {
      failure: 'ERR_TRIBIND_LANGUAGE_LINE',
    })
  places.set(id, path)
}

async function findFiles(root: string): Promise<LinesFile[]> {
  const entries = await list(root)
  const files = entries.filter(isLinesFile).map((entry) => createFile(join(root, entry), stemOf(entry), ''))
  for (const entry of entries.filter((each) => !isLinesFile(each))) {
    const folder = join(root, entry)
    const inside = (await list(folder, 'ENOTDIR')).filter(isLinesFile)
    files.push(...inside.map((each) => createFile(join(folder, each), entry, stemOf(each))))
  }
  return files
}

/** Lists the names in a folder, sorted. @param ignored the code of the error for which there are none */
async function list(folder: string, ignored?: string): Promise<string[]> {
  try {
    const names = await readdir(folder)
    return names.filter((name) => !name.startsWith('.')).toSorted()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === ignored) return []
    throw new ConfigError(`loadLanguages: ${folder} can't be read as a folder: ${(cause as Error).message}`, {
      failure: 'ERR_TRIBIND_LANGUAGES_FOLDER',
      cause,
    })
  }
}

function isLinesFile(name: string): boolean {
  return linesExtensions.includes(extname(name))
}

function stemOf(name: string): string {
  return basename(name, extname(name))
}

/** @throws ConfigError for a name that isn't one of a language */
function createFile(path: string, name: string, prefix: string): LinesFile {
  return { path, name: readName(name, `${path}: the name of its language`), prefix }
}

function refuseDefault(name: string, root: string, names: readonly string[]): ConfigError {
  const there = names.length === 0 ? 'no files of lines' : names.join(', ')
  return new ConfigError(
    `loadLanguages: option "default" must be a language of ${root}, got "${name}": the folder has ${there}`,
    { failure: 'ERR_TRIBIND_LANGUAGES_DEFAULT' },
  )
}
