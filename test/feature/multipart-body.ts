/** A part of a multipart form, as a client may write it. */
export interface Part {
  /** Without a name, the field is left out. */
  name?: string
  filename?: string
  type?: string
  content: string | Uint8Array
}

export const boundary = '----tribind7MA4YWxkTrZu0gW'

export const multipart = { 'content-type': `multipart/form-data; boundary=${boundary}` }

/** The body of a multipart form, with names escaped as browsers do. */
export function encodeMultipart(parts: readonly Part[]): Buffer {
  const pieces = parts.flatMap(({ name, filename, type, content }) => [
    `--${boundary}\r\nContent-Disposition: form-data${field('name', name)}${field('filename', filename)}\r\n`,
    type === undefined ? '\r\n' : `Content-Type: ${type}\r\n\r\n`,
    content,
    '\r\n',
  ])
  return Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece)))
}

function field(key: string, value: string | undefined): string {
  if (value === undefined) return ''
  return `; ${key}="${value.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}"`
}
