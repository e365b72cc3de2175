import type { Application } from '../../index.ts'
import { checkServer, type Endpoint } from '../../kit.ts'
import { forward, type ForwardHandler } from '../../forward/request/forward.ts'
import { type ForwardOptions, forwardOptions } from '../../forward/request/forward-options.ts'
import { type Kind, kind, requiredOptions, type Service } from '../model/kind.ts'
import { MakingError } from '../model/making-error.ts'

/** Forwards requests, as `forward` of `tribind/forward` does. In the place of another one, it goes on with the nodes that both have. */
export const forwardService: Kind<Service> = kind<{ forward: object }>(
  'forward',
  {
    forward: requiredOptions<object>(forwardOptions, 'an object with nodes, and other options of forward'),
  },
  ({ given, server, before }) => {
    const handler = forward(given['forward'] as ForwardOptions, { continues: before as ForwardHandler | undefined })
    try {
      checkChain(handler, server)
      return handler
    } catch (error) {
      handler.close()
      throw new MakingError('forward.chain', (error as Error).message)
    }
  },
)

function checkChain(handler: Endpoint, server: Application): void {
  handler[checkServer]?.(server)
}
