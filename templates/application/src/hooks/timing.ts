import type { Request } from 'tribind'

/** Says in each response how long it took, which browsers show in their network panel. */
export const timing = {
  BeforeServe: ({ context }: Request): void => {
    context.set('startedAt', performance.now())
  },
  // The last event before the fields of the response are sent.
  BeforePatch: ({ context, response }: Request): void => {
    const startedAt = context.get<number>('startedAt')
    if (startedAt === undefined) return
    response.setHeader('Server-Timing', `total;dur=${(performance.now() - startedAt).toFixed(1)}`)
  },
}
