import { type Output, printable } from './output.ts'

/** A column of a table. */
export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  /** Whether the end of its texts says more than the beginning, as of a path. Default false. */
  readonly keepsEnd?: boolean
}

/** Below that, a column isn't cut. */
const MIN_WIDTH = 6
const GAP = '  '

/**
 * Formats rows as a table. What is too wide for the output is cut, the widest column first. Columns without a text are left out.
 *
 * @param below a column whose text goes on lines of its own, below the row, where it doesn't fit beside it
 */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  output: Output,
  below?: Column<Row>,
): string {
  const read = (column: Column<Row>) => rows.map((row) => printable(column.cell(row)))
  const filled = columns.map((column) => ({ column, cells: read(column) })).filter(({ cells }) => cells.some(Boolean))
  const widths = filled.map(({ column, cells }) => Math.max(column.title.length, ...cells.map(widthOf)))
  const texts = below === undefined ? [] : read(below)
  const belowWidth = Math.max(0, ...texts.map(widthOf))
  const isBeside = belowWidth > 0 && sum(widths) + GAP.length + belowWidth <= output.columns
  shrink(widths, output.columns)
  const format = (cells: readonly string[], last: string) =>
    [...cells.map((cell, i) => fit(cell, widths[i] as number, filled[i]?.column.keepsEnd)), last].join(GAP).trimEnd()
  const titles = format(
    filled.map(({ column }) => column.title),
    isBeside ? (below?.title ?? '') : '',
  )
  const lines = rows.flatMap((_, i) => {
    const text = texts[i] ?? ''
    const row = format(
      filled.map(({ cells }) => cells[i] as string),
      isBeside ? text : '',
    )
    const further = isBeside || text === '' ? [] : wrap(text, output.columns - 2 * GAP.length)
    return [row, ...further.map((line) => output.style('dim', GAP + GAP + line))]
  })
  return [output.style('bold', titles), ...lines].map((line) => `${line}\n`).join('')
}

/** Makes the widest columns narrower until all fit. */
function shrink(widths: number[], columns: number): void {
  while (sum(widths) > columns) {
    const widest = widths.indexOf(Math.max(...widths))
    if ((widths[widest] as number) <= MIN_WIDTH) return
    widths[widest] = (widths[widest] as number) - 1
  }
}

function sum(widths: readonly number[]): number {
  return widths.reduce((all, width) => all + width, GAP.length * (widths.length - 1))
}

function fit(text: string, width: number, keepsEnd = false): string {
  const chars = [...text]
  if (chars.length <= width) return text + ' '.repeat(width - chars.length)
  return keepsEnd ? `…${chars.slice(1 - width).join('')}` : `${chars.slice(0, width - 1).join('')}…`
}

/** Breaks a text at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

function widthOf(text: string): number {
  return [...text].length
}
