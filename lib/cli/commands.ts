import type { Command } from './command.ts'

/** The commands by name. Without one, `tribind` runs services from files and URLs. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {}
