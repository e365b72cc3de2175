import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'mocha'

/** A folder with these files, gone after the tests of the `describe` it is made in. */
export function viewFolder(files: Record<string, string>) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tribind-views-')))
  const write = (name: string, text: string) => {
    const file = join(root, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  for (const [name, text] of Object.entries(files)) write(name, text)
  after(() => rmSync(root, { recursive: true }))
  return { root, write }
}
