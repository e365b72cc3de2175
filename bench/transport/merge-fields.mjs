// The fields of a request as `headers` of node:http has them.

/** Of several of these, the first counts; `node:http` drops the others. */
const single = new Set(
  (
    'age authorization content-length content-type etag expires from host if-modified-since if-unmodified-since ' +
    'last-modified location max-forwards proxy-authorization referer retry-after server user-agent'
  ).split(' '),
)

/** @param rawHeaders names and values in turn */
export function mergeFields(rawHeaders) {
  const fields = {}
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i].toLowerCase()
    const value = rawHeaders[i + 1]
    const before = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (name === '__proto__') Object.defineProperty(fields, name, { value, enumerable: true, configurable: true })
    else if (name === 'set-cookie') fields[name] = [...(before ?? []), value]
    else if (before === undefined) fields[name] = value
    else if (!single.has(name)) fields[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return fields
}
