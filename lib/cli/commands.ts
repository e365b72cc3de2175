import type { Command, RunGroups, RunServices } from './command.ts'

/** The commands by name. Without one, `tribind` runs services from files and URLs. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  client: async () => (await import('./openapi/client.ts')).client,
  match: async () => (await import('./inspect/match.ts')).match,
  new: async () => (await import('./create/new-application.ts')).newApplication,
  openapi: async () => (await import('./openapi/openapi.ts')).openapi,
  routes: async () => (await import('./inspect/routes.ts')).routes,
  run: async () => (await import('./workers/run.ts')).run,
}

/** What runs where there is no command: services in this process, or groups of arguments in one process each. */
export const runners: {
  readonly services: () => Promise<RunServices>
  readonly groups: () => Promise<RunGroups>
} = {
  groups: async () => (await import('./groups/run-groups.ts')).runGroups,
  services: async () => (await import('./gateway/run-services.ts')).runServices,
}
