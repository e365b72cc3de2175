// Who imports the files of lib, and how long they are.

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import ts from 'typescript'

/** Returns for each file of lib the files of lib that import it, types too, and its number of lines. */
export function readFiles(lib) {
  const paths = readdirSync(lib, { recursive: true }).filter((path) => path.endsWith('.ts'))
  const files = new Map(paths.map((path) => [nameOf(path), { importers: new Set(), lines: 0 }]))
  for (const path of paths) {
    const text = readFileSync(join(lib, path), 'utf8')
    files.get(nameOf(path)).lines = text.trimEnd().split('\n').length
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (!fileName.startsWith('.')) continue
      files.get(nameOf(relative(lib, resolve(lib, path, '..', fileName))))?.importers.add(nameOf(path))
    }
  }
  return files
}

/** Returns the files that exactly one other imports, each with that one. */
export function listWithOneImporter(files) {
  const single = [...files].filter(([, { importers }]) => importers.size === 1)
  return single.map(([file, { importers }]) => ({ file, importer: [...importers][0] })).toSorted(byFile)
}

function byFile(a, b) {
  return a.importer.localeCompare(b.importer) || a.file.localeCompare(b.file)
}

function nameOf(path) {
  return path.replaceAll(sep, '/')
}
