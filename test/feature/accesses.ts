import { type Entry, until } from './both-ways.ts'

type Access = Record<string, unknown>

/** The records of the access log, once there are so many. */
export async function accesses(log: readonly Entry[], count = 1): Promise<Access[]> {
  const found = () => log.filter(({ level, fields }) => level === 'info' && Object.hasOwn(fields as object, 'ms'))
  await until(() => found().length >= count, `${count} requests are logged`)
  return found().map(({ message, fields }) => ({ message, ...(fields as object) }))
}
