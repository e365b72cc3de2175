import { Transform, type TransformCallback } from 'node:stream'

/** How many bytes of a line are kept until its end comes. A longer line becomes several. */
const MAX_LENGTH = 65_536

const lineFeed = 0x0a

/**
 * Writes a prefix before each line. What it passes on are whole lines, each at once, so that those of several can go to one stream
 * without mixing: the last line gets an end, and a line of more than 64 KiB becomes several, none of which splits a character of UTF-8.
 */
export class PrefixLines extends Transform {
  readonly #prefix: Buffer
  /** A line without its end. */
  #rest: Buffer[] = []
  #restLength = 0

  constructor(prefix: string) {
    super()
    this.#prefix = Buffer.from(prefix)
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    const lines: Buffer[] = []
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      lines.push(...this.#takeLine(chunk.subarray(start, end)))
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    if (this.#restLength > MAX_LENGTH) {
      const pieces = splitLine(Buffer.concat(this.#rest.splice(0)))
      this.#restLength = 0
      this.#keep(pieces.pop() as Buffer)
      lines.push(...pieces.flatMap((piece) => this.#endLine(piece)))
    }
    done(null, lines.length === 0 ? undefined : Buffer.concat(lines))
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#restLength === 0 ? undefined : Buffer.concat(this.#takeLine(Buffer.alloc(0))))
  }

  #keep(bytes: Buffer): void {
    this.#rest.push(bytes)
    this.#restLength += bytes.length
  }

  #takeLine(end: Buffer): Buffer[] {
    this.#keep(end)
    const line = Buffer.concat(this.#rest.splice(0))
    this.#restLength = 0
    return splitLine(line).flatMap((piece) => this.#endLine(piece))
  }

  #endLine(line: Buffer): Buffer[] {
    return [this.#prefix, line, Buffer.of(lineFeed)]
  }
}

/** Splits a line that is too long. The last piece has the bytes that are left. */
function splitLine(line: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  let start = 0
  while (line.length - start > MAX_LENGTH) {
    const end = startOfCharacter(line, start + MAX_LENGTH)
    pieces.push(line.subarray(start, end))
    start = end
  }
  return [...pieces, line.subarray(start)]
}

/** Returns where the character of UTF-8 begins that the byte belongs to, which is at most three bytes before; else `at`. */
function startOfCharacter(bytes: Buffer, at: number): number {
  for (let start = at; start > at - 4; start -= 1) if (((bytes[start] as number) & 0xc0) !== 0x80) return start
  return at
}
