import { writeSync } from 'node:fs'
import { isatty, WriteStream } from 'node:tty'
import { styleFor } from '../style.ts'

/** Of a terminal that doesn't tell. */
const USUAL_COLUMNS = 80

/** Where a command writes what it was asked for. */
export class Output {
  /** How many columns a line may have: those of the terminal; any number where it is none, for what reads it line by line. */
  readonly columns: number
  readonly #fd: number
  /** Returns a text in a style where colours are shown; else the text. */
  readonly style: ReturnType<typeof styleFor>

  /** @param fd a file descriptor */
  constructor(fd: number) {
    this.#fd = fd
    const terminal = isatty(fd) ? new WriteStream(fd) : undefined
    this.columns = terminal === undefined ? Infinity : terminal.columns || USUAL_COLUMNS
    this.style = styleFor({ isTTY: terminal !== undefined })
  }

  /** Writes all of a text, before it returns. A reader that has seen enough is no failure. */
  write(text: string): void {
    let rest = Buffer.from(text)
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest))
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EPIPE') return
        if (code !== 'EAGAIN') throw error
        // The reader of a pipe is slower.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
      }
    }
  }

  writeJson(value: object): void {
    this.write(`${JSON.stringify(value, undefined, 2)}\n`)
  }
}

/** Returns a text without control characters: names, paths and arguments may have any. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`)
}
