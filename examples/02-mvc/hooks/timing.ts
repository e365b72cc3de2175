import { getServer } from 'tribind'

getServer('mvc').bindHookHandlerByMap('/*', {
  BeforeServe: ({ context }) => {
    context.set('start', performance.now())
  },
  // The last event before the headers are packed.
  BeforePatch: ({ context, response }) => {
    const start = context.get<number>('start')
    // Hooks of more specific patterns run first, and the one on /admin/* may have turned the request away.
    if (start !== undefined) response.setHeader('Server-Timing', `total;dur=${(performance.now() - start).toFixed(1)}`)
  },
})
