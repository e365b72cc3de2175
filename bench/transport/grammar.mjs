// Which bytes may stand where (RFC 9110, section 5.6.2; RFC 9112, section 3).

export const CR = 13
export const LF = 10
export const SPACE = 32
export const TAB = 9
export const COLON = 58

const tableOf = (test) => Uint8Array.from({ length: 256 }, (_, byte) => (test(byte) ? 1 : 0))

/** Of methods and field names. */
export const isToken = tableOf((byte) => /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(byte)))

/** Of targets: visible ASCII without `#`, which no request may send. */
export const isTarget = tableOf((byte) => byte > SPACE && byte < 127 && byte !== 35)

/** Of field values: visible characters, blanks, and bytes beyond ASCII. */
export const isValue = tableOf((byte) => byte === TAB || (byte >= SPACE && byte !== 127))

/** The value of a hexadecimal digit; 255 for other bytes. */
export const hexValue = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16)
  return Number.isNaN(value) ? 255 : value
})

/** Of field values that go out, as text. */
export const forbiddenInValue = /[^\t\x20-\x7e\x80-\xff]/

export const tokenPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
