import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder with these files, by path; a value that is an object is a symbolic link. Gone after the suite. */
export function temporaryFolder(files: Record<string, string | Buffer | { readonly to: string }>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tribind-files-')))
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(path, content)
    else symlinkSync(content.to, path)
  }
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
