/**
 * Returns a path that is safe to print. Characters other than visible ASCII are percent-encoded.
 *
 * @param rawPath the path as received, its bytes as latin1 characters, as Node.js passes them
 */
export function printablePath(rawPath: string): string {
  return rawPath.replace(
    /[^\x21-\x7e]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
