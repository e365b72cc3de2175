/**
 * A path as it was received, made safe to print: what isn't visible ASCII is percent-encoded.
 *
 * @param rawPath its bytes as latin1 characters, as Node.js hands them over
 */
export function printablePath(rawPath: string): string {
  return rawPath.replace(
    /[^\x21-\x7e]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
