/** Returns a check for a URL, or for an array of them. @param scheme what they must begin with. Default: any, or none */
export function areUrls(scheme: RegExp = /^/): (value: unknown) => boolean {
  const isUrl = (value: unknown) => typeof value === 'string' && value !== '' && scheme.test(value)
  return (value) => (Array.isArray(value) ? value.length > 0 && value.every(isUrl) : isUrl(value))
}
