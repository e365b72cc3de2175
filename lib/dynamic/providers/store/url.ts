/** Returns where a URL leads to for a message, without user and password: ` at 10.0.0.5:6379`; `''` where that isn't known. */
export function placeOfUrl(url: string | undefined): string {
  if (url === undefined || !URL.canParse(url)) return ''
  const { host } = new URL(url)
  return host === '' ? '' : ` at ${host}`
}

/** Whether a value is a URL. Checked before drivers parse it, whose errors would show its password. */
export function isUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value)
}
