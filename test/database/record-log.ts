import { collectingLogger, type Entry } from '../feature/both-ways.ts'

/** A log that is read and cleared during a test. */
export function recordLog() {
  const records: (Entry & { fields: Record<string, unknown> | undefined })[] = []
  return {
    logger: collectingLogger(records),
    records,
    /** Each record with the texts among its fields. */
    lines: () =>
      records.map(({ level, message, fields = {} }) =>
        [level, message, ...Object.values(fields).filter((value) => typeof value === 'string')].join(' '),
      ),
    clear: () => void (records.length = 0),
  }
}
