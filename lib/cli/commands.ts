import type { Command, RunGroups, RunServices } from './command.ts'

/** The commands by name. Without one, `tribind` runs services from files and URLs. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./workers/run.ts')).run,
}

/** What runs where there is no command: services in this process, or groups of arguments in one process each. */
export const runners: {
  readonly services?: () => Promise<RunServices>
  readonly groups?: () => Promise<RunGroups>
} = {}
