// Frames of HTTP/2 byte by byte (RFC 9113), for clients that do more, or less, than those of node:http2.

export const types = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, window: 8, continuation: 9 }
export const END_STREAM = 1
export const END_HEADERS = 4
export const ACK = 1

const HEAD_BYTES = 9

/** What a client sends first (section 3.4); `settings` is the payload of its SETTINGS. */
export function preface(settings) {
  return Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(types.settings, 0, 0, settings)])
}

export function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A whole request without a body. */
export function request(stream, path) {
  return frame(types.headers, END_HEADERS + END_STREAM, stream, fields(path))
}

/** The fields of a request, each a literal that isn't indexed (RFC 7541, section 6.2.2). */
export function fields(path, method = 'GET') {
  const all = Object.entries({ ':method': method, ':scheme': 'https', ':path': path, ':authority': 'localhost' })
  return Buffer.concat(all.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]))
}

/** A field that the header table keeps as its first entry: the byte 0xbe stands for it from then on. */
export function kept(name, value) {
  return Buffer.concat([Buffer.from([0x40]), text(name), text(value)])
}

/** Returns a function that takes chunks as they come, and calls `onFrame` with `{ type, flags, stream, payload }`. */
export function createFrameReader(onFrame) {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= HEAD_BYTES && rest.length >= HEAD_BYTES + rest.readUIntBE(0, 3)) {
      const end = HEAD_BYTES + rest.readUIntBE(0, 3)
      const [type, flags, stream] = [rest.readUInt8(3), rest.readUInt8(4), rest.readUInt32BE(5)]
      const payload = rest.subarray(HEAD_BYTES, end)
      rest = rest.subarray(end)
      onFrame({ type, flags, stream, payload })
    }
  }
}

/** A text with its length, which is an integer of seven bits and more (RFC 7541, section 5.1). */
function text(value) {
  const over = value.length - 127
  const length = over < 0 ? [value.length] : [127, ...septets(over)]
  return Buffer.concat([Buffer.from(length), Buffer.from(value)])
}

function septets(value) {
  return value < 128 ? [value] : [(value % 128) + 128, ...septets(Math.floor(value / 128))]
}
