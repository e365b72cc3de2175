import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { ownFolder } from '../../kit.ts'
import { type Command, type Flags, UsageError } from '../command.ts'
import { parseFlags } from '../parse-flags.ts'

const flags: Flags = {
  name: { type: 'string', value: 'NAME', summary: 'the name of the package; by default that of the folder' },
  tribind: {
    type: 'string',
    value: 'SPEC',
    summary: 'the tribind it depends on: a version, a URL, a folder, or a packed file, which is copied',
  },
}

/** `tribind new`: lays out an application. */
export const newApplication: Command = {
  usage: 'new FOLDER [--name NAME] [--tribind SPEC]',
  summary: 'Lays out an application in TypeScript in a new folder, with a database, tests and a Dockerfile.',
  flags,
  examples: [
    ['tribind new shop', 'lays it out in ./shop'],
    ['tribind new . --name @acme/shop', 'lays it out here, where nothing is yet'],
    ['tribind new shop --tribind tribind-0.1.0.tgz', 'the same, with a tribind that was packed by npm pack'],
  ],
  run: async (args) => {
    const { values, positionals } = parseFlags(flags, args)
    const [written, ...rest] = positionals
    if (written === undefined) throw new UsageError('"new" needs a folder: tribind new shop')
    if (rest.length > 0) throw new UsageError(`"new" takes one folder, got "${positionals.join('", "')}"`)
    const folder = resolve(written)
    const [name = basename(folder)] = values['name'] ?? []
    const [spec] = values['tribind'] ?? []
    try {
      await layOut({ folder, name: String(name), spec: spec as string | undefined })
    } catch (error) {
      if (error instanceof UsageError) throw error
      process.stderr.write(`tribind: ${(error as Error).message}\n`)
      return 1
    }
    process.stdout.write(describeNext(String(name), relative('', folder)))
    return 0
  },
}

interface Application {
  readonly folder: string
  readonly name: string
  /** What its dependency on tribind is to be, as written. */
  readonly spec: string | undefined
}

interface PackageFile {
  name: string
  readonly dependencies: Record<string, string>
  readonly devDependencies: Record<string, string>
}

const template = `${ownFolder}..${sep}templates${sep}application`
/** Stands for the name of the application in all files of the template, there without its scope. */
const placeholder = 'application-name'
/** Files that npm and others would take for their own where they lie. */
const renamed: Readonly<Record<string, string>> = {
  _gitignore: '.gitignore',
  _dockerignore: '.dockerignore',
  'package.template.json': 'package.json',
}

async function layOut({ folder, name, spec }: Application): Promise<void> {
  const packageFile = JSON.parse(await readFile(join(template, 'package.template.json'), 'utf8')) as PackageFile
  checkName(name, [...Object.keys(packageFile.dependencies), ...Object.keys(packageFile.devDependencies)])
  await checkEmpty(folder)
  packageFile.name = name
  packageFile.dependencies['tribind'] = await readSpec(folder, spec)
  const files = await readdir(template, { recursive: true, withFileTypes: true })
  for (const file of files) {
    if (!file.isFile()) continue
    const path = relative(template, join(file.parentPath, file.name))
    const target = join(folder, renamed[path] ?? path)
    await mkdir(dirname(target), { recursive: true })
    const text = (await readFile(join(template, path), 'utf8')).replaceAll(placeholder, name.replace(/^@.*\//, ''))
    const written = path === 'package.template.json' ? `${JSON.stringify(packageFile, undefined, 2)}\n` : text
    // Nothing that is there already is written over, whatever has come in between.
    await writeFile(target, written, { flag: 'wx' })
  }
}

/** Checks the name of a package. @param taken the names of those it depends on @throws UsageError that proposes a name */
function checkName(name: string, taken: readonly string[]): void {
  const problem = findProblem(name, taken)
  if (problem === undefined) return
  const proposal = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  const advice = findProblem(proposal, taken) === undefined ? proposal : `my-app`
  throw new UsageError(`the package can't be called "${name}", which ${problem}: write for example --name ${advice}`)
}

function findProblem(name: string, taken: readonly string[]): string | undefined {
  if (name.length > 214) return 'has more than 214 characters'
  if (!/^(@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/.test(name))
    return 'is not of lower-case letters, digits, "-", "_" and ".", with a letter or digit first'
  if (isBuiltin(name)) return 'is a module of Node.js'
  if (taken.includes(name)) return 'is a package that it depends on'
  return name === 'node_modules' || name === 'favicon.ico' ? 'is reserved' : undefined
}

/** @throws an error unless a folder is missing, or has nothing but what `git init` makes */
async function checkEmpty(folder: string): Promise<void> {
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return
    throw code === 'ENOTDIR' ? new Error(`${folder} is not a folder: write the name of a new one`) : error
  }
  const first = names.find((name) => name !== '.git')
  if (first !== undefined)
    throw new Error(`${folder} is not empty, it has "${first}": write the name of a new folder, or of an empty one`)
}

/** Returns the dependency on tribind: this version by default. A packed file is copied, so that the application has it with it. */
async function readSpec(folder: string, spec: string | undefined): Promise<string> {
  if (spec === undefined) {
    const { version } = JSON.parse(await readFile(`${ownFolder}../package.json`, 'utf8')) as { version: string }
    return `^${version}`
  }
  const path = resolve(spec.replace(/^file:/, ''))
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return `file:${relative(folder, path).replaceAll(sep, '/')}`
  if (found === undefined && /^(file:|[./~])|\.tgz$/.test(spec) && !/^https?:/.test(spec))
    throw new Error(`--tribind ${spec}: there is no such file or folder, looked for ${path}`)
  if (found === undefined) return spec
  await mkdir(folder, { recursive: true })
  await copyFile(path, join(folder, basename(path)))
  return `file:${basename(path)}`
}

function describeNext(name: string, folder: string): string {
  const steps = [
    ...(folder === '' ? [] : [[`cd ${/^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder)}`, '']]),
    ['npm install', 'or: pnpm install, yarn'],
    ['npm test', 'runs its tests'],
    ['npm run dev', 'serves it at http://127.0.0.1:8199/, and again after each change'],
  ] as const
  const lines = steps.map(([line, does]) => `  ${does === '' ? line : line.padEnd(16) + does}\n`)
  return `Laid out ${name}. Next:\n\n${lines.join('')}\nIts README.md says what is where.\n`
}
