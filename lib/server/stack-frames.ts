import { readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ownFolder } from '../own-folder.ts'

/** A line of a stack. */
export interface Frame {
  readonly text: string
  /** Around the line in the file; `undefined` where the code isn't the application's. */
  readonly source: Source | undefined
}

interface Source {
  /** From 1. */
  readonly line: number
  /** The number of the first of `lines`. */
  readonly from: number
  readonly lines: readonly string[]
}

const MAX_FRAMES = 50
const MAX_SOURCES = 5
const MAX_FILE_BYTES = 1024 * 1024
const MAX_COLUMNS = 300
const AROUND = 5

/** Returns the lines of the stack of an error, the first of the application's own with lines of source. Never rejects. */
export async function readFrames(error: Error): Promise<Frame[]> {
  const { texts, isSure } = splitStack(error)
  const frames: Frame[] = []
  let sources = 0
  for (const text of texts) {
    const place = isSure && sources < MAX_SOURCES ? findPlace(text) : undefined
    const source = place && (await readSource(place))
    if (source !== undefined) sources++
    frames.push({ text, source })
  }
  return frames
}

/** A message may have lines that look like those of a stack, and may come from a client: files it names aren't read. */
function splitStack({ stack = '', message }: Error): { texts: string[]; isSure: boolean } {
  const at = String(stack).indexOf(message)
  const rest = at === -1 ? stack : stack.slice(at + message.length)
  const texts = rest.split('\n').flatMap((line) => (/^ +at /.test(line) ? line.trim().slice(0, 1000) : []))
  const isSure = at !== -1 && !stack.slice(0, at).includes('\n') && (message === '' || /^(?:\n {4}at |$)/.test(rest))
  return { texts: texts.slice(0, MAX_FRAMES), isSure }
}

interface Place {
  readonly file: string
  readonly line: number
}

function findPlace(text: string): Place | undefined {
  const [, url = '', line] =
    /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*\.[cm]?[jt]sx?)(?:\?[^()]*)?:(\d+):\d+\)?$/.exec(text) ?? []
  if (url === '' || /[\\/]node_modules[\\/]/.test(url)) return undefined
  const file = url.startsWith('file:') ? fileURLToPath(url) : url
  return ownFolder !== undefined && file.startsWith(ownFolder) ? undefined : { file, line: Number(line) }
}

/** Returns `undefined` for what can't be read. */
async function readSource({ file, line }: Place): Promise<Source | undefined> {
  try {
    if ((await stat(file)).size > MAX_FILE_BYTES) return undefined
    const all = (await readFile(file, 'utf8')).split(/\r?\n/)
    const from = Math.max(1, line - AROUND)
    return { line, from, lines: all.slice(from - 1, line + AROUND).map((text) => text.slice(0, MAX_COLUMNS)) }
  } catch {
    return undefined
  }
}
