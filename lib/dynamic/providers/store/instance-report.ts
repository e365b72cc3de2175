import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { ConfigurationIssue, InstanceStatus } from '../../../index.ts'
import { isObject } from '../../../kit.ts'

/** So many issues and characters of each are written: a store is no place for a log. */
const MAX_ISSUES = 100
const MAX_LENGTH = 500

/** Returns an id for a process, which no other one has: `host-4711-c0ffee`. */
export function createInstanceId(): string {
  const host = hostname().replaceAll(/[^\w-]/g, '-')
  return `${host}-${process.pid}-${randomBytes(3).toString('hex')}`
}

/** Returns what a process writes of itself. */
export function printReport(status: InstanceStatus): string {
  const issues = status.issues
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => ({ path, message: message.slice(0, MAX_LENGTH) }))
  return JSON.stringify({ ...status, issues })
}

/** Reads what processes said of themselves, ordered by id. What isn't such a report is left out. */
export function readReports(texts: readonly string[]): InstanceStatus[] {
  return texts
    .map(readReport)
    .filter((status) => status !== undefined)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function readReport(text: string): InstanceStatus | undefined {
  try {
    const read: unknown = JSON.parse(text)
    if (!isObject(read)) return undefined
    const { id, revision, version, reportedAt, issues } = read as Partial<InstanceStatus>
    if (typeof id !== 'string' || typeof version !== 'number' || typeof reportedAt !== 'number') return undefined
    return { id, revision, version, reportedAt, issues: Array.isArray(issues) ? issues.filter(isIssue) : [] }
  } catch {
    return undefined
  }
}

function isIssue(value: unknown): value is ConfigurationIssue {
  if (!isObject(value)) return false
  const { path, message } = value as Partial<ConfigurationIssue>
  return typeof path === 'string' && typeof message === 'string'
}
