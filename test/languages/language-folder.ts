import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type Language,
  type Languages,
  loadLanguages,
  type LanguagesOptions,
  type LinesObject,
} from 'tribind/languages'

/** Files by their path; a value that is an object is written as JSON. */
export type Files = Readonly<Record<string, string | object>>

/** Calls a function with a folder of these files, which is there as long as that runs. */
export async function inFolder<Result>(files: Files, run: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'tribind-languages-'))
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name)
      await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true })
      if (!name.endsWith('/')) await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
    }
    return await run(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The languages of a folder of these files. */
export function load(files: Files, options?: LanguagesOptions): Promise<Languages> {
  return inFolder(files, (folder) => loadLanguages(folder, options))
}

/** A language with these lines and no other beside it. */
export async function languageWith(lines: LinesObject, options?: LanguagesOptions, name = 'en-US'): Promise<Language> {
  return (await load({ [`${name}.json`]: lines }, { default: name, ...options })).get(name)
}
