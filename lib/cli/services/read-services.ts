import { createConfigError, sortIssues } from '../../config/config-issues.ts'
import { readFiles } from './read-files.ts'
import { readUrls } from './read-urls.ts'
import { type Checked, toModel } from './to-model.ts'

/** What says which services run. */
export interface ServiceSources {
  /** The files of `-C`; `-` is standard input. */
  readonly files: readonly string[]
  /** The URLs of `-L`. */
  readonly listen: readonly string[]
  /** The URLs of `-F`. */
  readonly forward: readonly string[]
}

/**
 * Reads services from files and URLs, which are joined.
 *
 * @param input what standard input says
 * @throws ConfigError with all that is wrong: `ERR_TRIBIND_CONFIG_FILE` for what can't be read, `ERR_TRIBIND_CONFIG_VALUES` for what it says
 */
export async function readServices(
  { files, listen, forward }: ServiceSources,
  input: () => Promise<string>,
): Promise<Omit<Checked, 'issues'>> {
  const fromFiles = await readFiles(files, input)
  const fromUrls = readUrls(listen, forward, fromFiles.parts)
  const unread = [...fromFiles.issues, ...fromUrls.issues]
  const { issues, ...checked } = await toModel([...fromFiles.parts, ...fromUrls.parts], fromUrls.chain)
  const all = [...unread, ...issues]
  const { services, api } = checked.model
  if (all.length === 0 && services.length === 0 && api === undefined)
    all.push({
      source: files[0] ?? '-L',
      path: '',
      message: 'has no services, and no api by which some could be opened',
    })
  if (all.length > 0)
    throw createConfigError(
      sortIssues(all, [...new Set([...files, ...all.map(({ source }) => source)])]),
      fromFiles.issues.length > 0 ? 'ERR_TRIBIND_CONFIG_FILE' : 'ERR_TRIBIND_CONFIG_VALUES',
    )
  return checked
}
