import type { Readable } from 'node:stream'

/** How many characters a line may have. A longer one becomes several. */
const MAX_LENGTH = 8192

const pieces = new RegExp(`[^]{1,${MAX_LENGTH}}`, 'gu')

/** Calls a function for each line of a stream in UTF-8, also for the last one if no line break ends it. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  const take = (line: string) => {
    for (const piece of line.match(pieces) ?? ['']) onLine(piece)
  }
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/)
    rest = lines.pop() as string
    lines.forEach(take)
    if (rest.length <= MAX_LENGTH) return
    take(rest)
    rest = ''
  })
  stream.once('close', () => {
    if (rest !== '') take(rest)
  })
}
