import { type ConfigurationIssue, ConfigError, type Verdict } from '../../index.ts'
import type { IssuesByProvider } from '../aggregate.ts'
import type { Lane } from './lane.ts'

export type Issues = readonly ConfigurationIssue[]

/** On what is published after the stop. */
export const stopped: Issues = [{ path: '', message: 'the server is stopped: what is published has no effect' }]

/** A copy of the issues is told: what becomes of it has no effect. */
export function refusal(issues: Issues): Verdict {
  return { applied: false, issues: structuredClone(issues) }
}

/** Returns the issues of a provider, then those that its content leads to with others. */
export function issuesOf(lane: Lane, lanes: readonly Lane[], issues: IssuesByProvider): Issues {
  const ofOthers = lanes.filter((other) => other !== lane).flatMap((other) => newIssues(other, issues))
  return [...(issues.get(lane.name) ?? []), ...ofOthers]
}

function newIssues({ name, report }: Lane, issues: IssuesByProvider): Issues {
  const known = new Set(report.remarks.map(print))
  return (issues.get(name) ?? [])
    .filter((issue) => !known.has(print(issue)))
    .map((issue) => ({ path: '', message: `provider "${name}", ${print(issue)}` }))
}

/** Returns an issue in one line. */
export function print({ path, message }: ConfigurationIssue): string {
  return path === '' ? message : `${path}: ${message}`
}

/** Returns what failed as the issues of each of these providers. */
export function blame(lanes: readonly Lane[], error: unknown): IssuesByProvider {
  const message = error instanceof Error ? error.message : String(error)
  return new Map(lanes.map(({ name }) => [name, [{ path: '', message }]]))
}

/** Creates the error that listeners are told of a configuration that is refused. */
export function refusedConfiguration(provider: string, issues: Issues): ConfigError {
  const all = issues.map((issue) => ({ ...issue, source: provider }))
  return new ConfigError(`the configuration of provider "${provider}" is refused: ${issues.map(print).join('; ')}`, {
    failure: 'ERR_TRIBIND_CONFIGURATION_REFUSED',
    issues: all,
  })
}

/** Creates the error of an older version that can't be served any more. */
export function refusedRollback(version: number, issues: IssuesByProvider): ConfigError {
  const all = Array.from(issues, ([source, found]) => found.map((issue) => ({ ...issue, source }))).flat()
  const lines = all.map((issue) => `\n  provider "${issue.source}", ${print(issue)}`)
  return new ConfigError(
    `rollback: version ${version} can't be served any more, and nothing has changed:${lines.join('')}`,
    {
      failure: 'ERR_TRIBIND_CONFIGURATION_ROLLBACK',
      issues: all,
    },
  )
}
