import { tmpdir } from 'node:os'
import { ConfigError } from '../../base/errors.ts'
import { noSuchOption } from '../../options/no-such-option.ts'
import { isText } from '../../options/option-checks.ts'

/** What a form may hold; each limit that is passed is a 413 that names it. Whole numbers from 0. */
export interface UploadOptions {
  /** In one form. Default 20. */
  maxFiles?: number
  /** Of each file, in bytes; the whole form must fit into `maxBodySize` besides. Default 8 MiB. */
  maxFileSize?: number
  /** In one form. Default 1000. */
  maxFields?: number
  /** Of each field's value, in bytes. Default 1 MiB. */
  maxFieldSize?: number
  /** Of the name of a field or file, in characters. Default 200. */
  maxNameLength?: number
  /** Where the temporary folders are made; it must exist. Default: that of the system. */
  dir?: string
}

export type UploadLimits = Readonly<Required<UploadOptions>>

/** @throws ConfigError naming the field that doesn't exist or whose value is out of range */
export function readUploadOptions(given: UploadOptions = {}): UploadLimits {
  const defaults: UploadLimits = {
    maxFiles: 20,
    maxFileSize: 8 * 1024 * 1024,
    maxFields: 1000,
    maxFieldSize: 1024 * 1024,
    maxNameLength: 200,
    dir: tmpdir(),
  }
  const limits = { ...defaults }
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) throw new ConfigError(noSuchOption(name, Object.keys(defaults), 'upload.'))
    if (value === undefined) continue
    const isValid = name === 'dir' ? isText(value) : Number.isInteger(value) && value >= 0
    if (!isValid) {
      const range = name === 'dir' ? 'a text that is not empty' : 'a whole number from 0'
      throw new ConfigError(`the option "upload.${name}" is ${range}, not ${String(value)}`)
    }
    Object.assign(limits, { [name]: value })
  }
  return limits
}
