import type { Logger } from 'tribind'

interface LogRecord {
  readonly level: string
  readonly message: string
  readonly fields: Record<string, unknown>
}

/** A logger that keeps what it is told. */
export function recordLog(): { logger: Logger; records: LogRecord[]; lines(): string[]; clear(): void } {
  const records: LogRecord[] = []
  const write =
    (level: string) =>
    (message: string, fields = {}) =>
      void records.push({ level, message, fields })
  return {
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    records,
    /** Each with the texts among its fields. */
    lines: () =>
      records.map(({ level, message, fields }) =>
        [level, message, ...Object.values(fields).filter((value) => typeof value === 'string')].join(' '),
      ),
    clear: () => void (records.length = 0),
  }
}
