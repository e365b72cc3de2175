import { HttpError } from '../../base/http-error.ts'
import type { UploadFile } from './upload-file.ts'
import type { UploadLimits } from './upload-limits.ts'

/** The fields of a form: a name that comes twice has an array. The object inherits nothing. */
export type FormFields = Record<string, string | string[]>

/** A form while it is read, within its limits. */
export class Form {
  readonly fields: FormFields = Object.create(null)
  readonly files: UploadFile[] = []
  readonly limits: UploadLimits
  #fieldCount = 0
  #fileCount = 0

  constructor(limits: UploadLimits) {
    this.limits = limits
  }

  /** @throws HttpError 413 naming the limit that is passed; 400 for the name `__proto__` */
  add(name: string, value: string): void {
    const { maxFields, maxFieldSize } = this.limits
    this.checkName(name)
    if (++this.#fieldCount > maxFields) throw tooMany('fields', maxFields)
    // No text has fewer bytes than UTF-16 units.
    if (value.length > maxFieldSize) throw tooLarge('field', maxFieldSize)
    const before = this.fields[name]
    if (before === undefined) this.fields[name] = value
    else if (Array.isArray(before)) before.push(value)
    else this.fields[name] = [before, value]
  }

  /** Counts a file before it is read. @throws HttpError 413 naming the limit that is exceeded */
  countFile(): void {
    if (++this.#fileCount > this.limits.maxFiles) throw tooMany('files', this.limits.maxFiles)
  }

  /** @throws HttpError 413 for one that is too long; 400 for `__proto__` */
  checkName(name: string): void {
    const { maxNameLength } = this.limits
    if (name.length > maxNameLength) {
      throw new HttpError(413, `The form has a name longer than ${maxNameLength} characters (upload.maxNameLength)`, {
        failure: 'ERR_TRIBIND_FORM_LIMIT',
      })
    }
    if (name === '__proto__')
      throw new HttpError(400, 'The form has a field with a forbidden name', { failure: 'ERR_TRIBIND_FORM_NAME' })
  }
}

function tooMany(what: 'fields' | 'files', limit: number): HttpError {
  const option = what === 'files' ? 'upload.maxFiles' : 'upload.maxFields'
  return new HttpError(413, `The form has more than ${limit} ${what} (${option})`, {
    failure: 'ERR_TRIBIND_FORM_LIMIT',
  })
}

export function tooLarge(what: 'field' | 'file', limit: number): HttpError {
  const option = what === 'file' ? 'upload.maxFileSize' : 'upload.maxFieldSize'
  return new HttpError(413, `The form has a ${what} larger than ${limit} bytes (${option})`, {
    failure: 'ERR_TRIBIND_FORM_LIMIT',
  })
}
