import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { OpenapiDocument, Server } from '../../index.ts'
import { insideOf, type OpenapiSource, openapiSourceOf } from '../../kit.ts'
import { createDocument } from '../../openapi/document.ts'
import '../../openapi.ts'
import { UsageError } from '../command.ts'
import { loadServers } from '../inspect/load-servers.ts'
import type { ReadArgs } from '../inspect/read-args.ts'
import { chooseServers } from '../inspect/served-place.ts'

/** The flags of the commands that make something of a document. */
export const documentFlags = {
  path: { type: 'string', value: 'PATH', summary: 'the document that is served there, of several' },
  server: { type: 'string', value: 'NAME', summary: 'that of this server, of several' },
} as const

/** Returns the module that a command names. @throws UsageError if it names none, or several */
export function readModule(command: string, { positionals }: ReadArgs): string {
  const [module, ...rest] = positionals
  if (module === undefined)
    throw new UsageError(`${command}: name the module of the application, as tribind ${command} app.js`)
  if (rest.length > 0) throw new UsageError(`${command}: takes one module, got "${rest[0]}" too`)
  return module
}

/**
 * Returns the document of an application: that of its call of `openapi`, else one of all that it has bound, with the name and version
 * of its package. The version of the routes is left out.
 *
 * @throws UsageError if there are several and it isn't said which
 */
export async function loadDocument(module: string, { values }: ReadArgs): Promise<OpenapiDocument> {
  const servers = chooseServers(await loadServers(module), values['server'] as string | undefined)
  const source = chooseSource(servers.flatMap(sourcesIn), values['path'] as string | undefined)
  if (source !== undefined) return withoutVersion(await createDocument(source))
  const [server, ...others] = servers as [Server, ...Server[]]
  if (others.length > 0)
    throw new UsageError(
      `the application has several servers, name one by --server: ${servers.map(({ name }) => name).join(', ')}`,
    )
  return withoutVersion(await server.openapiDocument({ info: packageInfo(resolve(module)) }))
}

function withoutVersion({ 'x-version': _version, ...document }: OpenapiDocument): OpenapiDocument {
  return document
}

/** Lists the documents that are bound, those of whole servers first. */
function sourcesIn(server: Server): OpenapiSource[] {
  const endpoints = (insideOf(server)?.layers.listing.listed() ?? []).map(({ value }) =>
    'endpoint' in value ? value.endpoint : {},
  )
  const sources = endpoints
    .map((endpoint) => openapiSourceOf(endpoint as object))
    .filter((source) => source !== undefined)
  return [...new Set(sources)].toSorted((a, b) => Number(b.isWhole) - Number(a.isWhole))
}

function chooseSource(sources: readonly OpenapiSource[], path: string | undefined): OpenapiSource | undefined {
  const paths = sources.map((source) => source.path)
  const there = paths.length === 0 ? 'none is bound' : `there are: ${paths.join(', ')}`
  const [first, second] = path === undefined ? sources : sources.filter((source) => source.path === path)
  if (path !== undefined && first === undefined) throw new UsageError(`--path: no document is at "${path}"; ${there}`)
  if (second !== undefined && (second.isWhole || !first?.isWhole))
    throw new UsageError(`the application has several documents, name one by --path; ${there}`)
  return first
}

/** Returns the name and version of the package that a module belongs to. */
function packageInfo(file: string): { title: string; version: string } {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = join(folder, 'package.json')
    if (existsSync(path)) {
      const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string }
      if (name !== undefined || version !== undefined)
        return { title: name ?? basename(folder), version: version ?? '0.0.0' }
    }
    if (folder === dirname(folder)) return { title: basename(file), version: '0.0.0' }
  }
}
