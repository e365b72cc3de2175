import { tmpdir } from 'node:os'
import { type Complete, defineOptions, type OptionTable } from '../../options/define-options.ts'
import { bytes, integer, text } from '../../options/option-kinds.ts'

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

export type UploadLimits = Complete<UploadOptions>

/** The table of the option `upload`. */
export const uploadOptions: OptionTable<UploadOptions, UploadLimits> = defineOptions({
  maxFiles: integer({ from: 0 }, { default: 20 }),
  maxFileSize: bytes({ default: 8 * 1024 * 1024 }),
  maxFields: integer({ from: 0 }, { default: 1000 }),
  maxFieldSize: bytes({ default: 1024 * 1024 }),
  maxNameLength: integer({ from: 0, unit: 'characters' }, { default: 200 }),
  dir: text({ createDefault: () => tmpdir(), defaultText: 'that of the system' }),
})
