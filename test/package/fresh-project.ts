import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const exec = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Lays out a project below the folder of temporary files that has the package, packed from the build that is there, and others.
 * Scripts of packages don't run.
 *
 * @param files the texts, by path
 * @returns the folder
 */
export async function createFreshProject(files: Record<string, string>, packages: readonly string[]): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), 'tribind-fresh-'))
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', project]
  const { stdout } = await exec('npm', pack, { cwd: root })
  const json: unknown = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)))
  const [report] = Object.values(json as Record<string, { filename: string }>)
  for (const [path, text] of Object.entries({ 'package.json': '{ "private": true, "type": "module" }', ...files })) {
    await mkdir(dirname(join(project, path)), { recursive: true })
    await writeFile(join(project, path), text)
  }
  const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages, `./${report?.filename}`]
  await exec('npm', install, { cwd: project })
  return project
}
