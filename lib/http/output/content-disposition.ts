import { ResponseError } from '../../base/errors.ts'
import { printValue } from '../../options/print-value.ts'

/**
 * The field value that makes a client save what it gets (RFC 6266, section 4).
 *
 * A name beyond ASCII goes into `filename*` (RFC 8187), with `_` for what older clients can't read in `filename`. Only
 * what follows the last slash or backslash counts; control characters, and those that turn the direction of text to make
 * one type look like another, are dropped.
 *
 * @throws ResponseError for a name that isn't a string
 */
export function createAttachment(name: string): string {
  if (typeof name !== 'string')
    throw new ResponseError(`serveFileDownload: expected the name of a file, a string, got ${printValue(name)}`, {
      failure: 'ERR_TRIBIND_RESPONSE_FILE_NAME',
    })
  const whole = name.toWellFormed().replace(/[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '')
  const clean = whole.slice(Math.max(whole.lastIndexOf('/'), whole.lastIndexOf('\\')) + 1).trim() || 'download'
  // A `%` is decoded by some clients also here, where it has no meaning.
  const ascii = clean.replace(/[^\x20-\x7e]/gu, '_').replace(/["%]/g, '_')
  const extended = encodeURIComponent(clean).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  return `attachment; filename="${ascii}"` + (ascii === clean ? '' : `; filename*=UTF-8''${extended}`)
}
