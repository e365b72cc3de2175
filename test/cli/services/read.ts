import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, type ConfigIssue } from '../../../lib/index.ts'
import type { ServicesModel } from '../../../lib/cli/services/model.ts'
import { readServices, type ServiceSources } from '../../../lib/cli/services/read-services.ts'

/** A folder for files of a test, which the system clears away. */
export const folder: string = mkdtempSync(join(tmpdir(), 'tribind-services-'))

/** Writes a file there. Returns its path. */
export function write(name: string, content: string | object): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** Reads services from files, URLs and a text on standard input. */
export function read(sources: Partial<ServiceSources>, input = ''): ReturnType<typeof readServices> {
  return readServices({ files: [], listen: [], forward: [], ...sources }, () => Promise.resolve(input))
}

/** Reads services of `-L` and `-F`. */
export async function readUrls(listen: readonly string[], forward: readonly string[] = []): Promise<ServicesModel> {
  return (await read({ listen, forward })).model
}

/** Returns what is wrong with services. */
export async function issuesOf(sources: Partial<ServiceSources>, input = ''): Promise<readonly ConfigIssue[]> {
  try {
    await read(sources, input)
  } catch (error) {
    if (error instanceof ConfigError && error.issues !== undefined) return error.issues
    throw error
  }
  return []
}

/** Returns what is wrong with a document, each as `path: message`. */
export async function wrongWith(document: unknown): Promise<string[]> {
  const issues = await issuesOf({ files: ['-'] }, JSON.stringify(document))
  return issues.map(({ path, message }) => `${path}: ${message}`)
}

/** Returns a model without what says where it was written. */
export function said(model: ServicesModel): unknown {
  return JSON.parse(JSON.stringify(model, (key, value: unknown) => (key === 'origin' ? undefined : value)))
}
