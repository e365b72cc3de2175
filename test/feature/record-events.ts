import type { Server } from 'tribind'

/** Notes what runs, by a hook on each event but the first. */
export function recordEvents(server: Server): string[] {
  const ran: string[] = []
  for (const event of ['AfterServe', 'BeforePatch', 'AfterPatch', 'BeforeOutput', 'AfterOutput'] as const)
    server.bindHookHandler('/*', event, () => ran.push(event))
  for (const event of ['BeforeClose', 'AfterClose'] as const) server.bindHookHandler('/*', event, () => ran.push(event))
  return ran
}
