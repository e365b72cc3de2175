import type { TextDecoder } from 'node:util'
import { HttpError } from '../../base/http-error.ts'
import { createDecoder, decodeWith } from '../body/content-type.ts'
import { Form } from './form.ts'
import type { UploadLimits } from './upload-limits.ts'

/**
 * Reads `application/x-www-form-urlencoded` (URL standard, section 5.1), but for bytes that the charset doesn't have: they are 400.
 *
 * @throws HttpError 400, 413, or 415 for a charset that isn't a superset of ASCII
 */
export function parseUrlencoded(bytes: Buffer, charset: string | undefined, limits: UploadLimits): Form {
  const decoder = createDecoder(charset ?? 'utf-8', { ignoreBOM: true })
  if (decoder.encoding.startsWith('utf-16'))
    throw new HttpError(415, 'A form can not be in UTF-16', { failure: 'ERR_TRIBIND_BODY_CHARSET' })
  const form = new Form(limits)
  // One character for each byte, so that escapes can be resolved before the charset is.
  const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  for (let from = 0; from < text.length;) {
    const found = text.indexOf('&', from)
    const to = found < 0 ? text.length : found
    if (to > from) addPair(form, text.slice(from, to), decoder)
    from = to + 1
  }
  return form
}

function addPair(form: Form, pair: string, decoder: TextDecoder): void {
  const equals = pair.indexOf('=')
  const name = equals < 0 ? pair : pair.slice(0, equals)
  form.add(decode(name, decoder), equals < 0 ? '' : decode(pair.slice(equals + 1), decoder))
}

function decode(text: string, decoder: TextDecoder): string {
  if (!/[^\x21-\x24\x26-\x2a\x2c-\x7e]/.test(text)) return text
  const unescaped = text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return decodeWith(decoder, Buffer.from(unescaped, 'latin1'))
}
