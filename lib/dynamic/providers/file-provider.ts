import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError, type ConfigurationProvider } from '../../index.ts'
import { type Complete, defineOptions, flag, type OptionTable, printValue, text } from '../../kit.ts'
import { FileFollower } from './file/file-follower.ts'

/** The options of `fileProvider`. */
export interface FileProviderOptions {
  /** Whether changes are followed; else the files are read once, and when `reload` is called. Default true. */
  watch?: boolean
  /** Whether the start waits until a configuration of it is served. Default true. */
  required?: boolean
  /** Default `file`. */
  name?: string
}

/** The table of the options of `fileProvider`. */
export const fileProviderOptions: OptionTable<FileProviderOptions, Complete<FileProviderOptions>> = defineOptions(
  { watch: flag({ default: true }), required: flag({ default: true }), name: text({ default: 'file' }) },
  { owner: 'fileProvider' },
)

/**
 * Provides the configuration of a file, or the files of a folder together: `.json`, `.jsonc`, `.yaml`, `.yml` and `.toml`, up to 8 MiB
 * each. Hidden files and subfolders don't count.
 *
 * What can't be read or used of a file is told, and what it had before goes on; so does that of a file or folder that is gone, or is
 * empty. From a folder, a file can be taken away.
 *
 * @param path relative to the working directory of this call
 */
export function fileProvider(path: string | URL, options: FileProviderOptions = {}): ConfigurationProvider {
  const { watch, required, name } = fileProviderOptions.parse(options)
  const place = readPath(path)
  const followers = new Set<FileFollower>()
  return {
    name,
    required,
    async provide(sink, signal) {
      const follower = new FileFollower(place, sink, signal)
      followers.add(follower)
      signal.addEventListener('abort', () => followers.delete(follower), { once: true })
      await (watch ? follower.run() : follower.look())
    },
    async reload() {
      await Promise.all([...followers].map((follower) => follower.reload()))
    },
  }
}

function readPath(path: unknown): string {
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path)
  if (typeof path === 'string' && path !== '') return resolve(path)
  throw new ConfigError(`fileProvider: the path must be a non-empty string or a file: URL, got ${printValue(path)}`, {
    failure: 'ERR_TRIBIND_OPTION_VALUE',
  })
}
