const MAX_BYTES = 255
// On Windows they are devices, whatever their extension.
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i

/**
 * Reduces what a client calls a file to a name that is safe in a folder of any system: never empty, `.` or `..`, without
 * separators and control characters, at most 255 bytes long. Its extension stays.
 */
export function toSafeFileName(given: string): string {
  const base = given.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  const name = trimTail(
    base
      // Control characters, and those that turn the direction of text and so hide an extension.
      .replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '')
      .replace(/[<>:"|?*]/g, '_')
      .replace(/^ +/, ''),
  )
  if (name === '') return 'file'
  return shorten(reserved.test(name) ? `_${name}` : name)
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= 32 ? name.slice(dot) : ''
  const stem = extension === '' ? name : name.slice(0, dot)
  const room = MAX_BYTES - Buffer.byteLength(extension)
  // Cut inside of a character, UTF-8 decodes to a replacement character.
  const cut = Buffer.from(stem)
    .subarray(0, room)
    .toString()
    .replace(/\ufffd+$/, '')
  return trimTail(cut) + extension
}

// Windows drops them. A regular expression for it takes quadratic time.
function trimTail(name: string): string {
  let end = name.length
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end--
  return name.slice(0, end)
}
