import { checkServer, type Fields, isObject, nested, type Option } from '../../kit.ts'
import { forward, type ForwardHandler } from '../../forward/request/forward.ts'
import { type ForwardOptions, forwardOptions } from '../../forward/request/forward-options.ts'
import { type Kind, kind, type Service } from '../model/kind.ts'
import { MakingError } from '../model/making-error.ts'

/** Forwards requests, as `forward` of `tribind/forward` does. */
export const forwardService: Kind<Service> = kind<{ forward: object }>(
  'forward',
  {
    forward: nested(forwardOptions as Fields<object>, 'an object with nodes, and other options of forward', {
      required: true,
    }) as Option<unknown, 'always', object>,
  },
  ({ given, server }) => {
    const handler = forward(given['forward'] as ForwardOptions)
    try {
      ;(handler as ForwardHandler & { [checkServer]?: (server: object) => void })[checkServer]?.(server)
    } catch (error) {
      handler.close()
      throw new MakingError('forward.chain', (error as Error).message)
    }
    return handler
  },
)

/** Whether what was made of a service is a handler that forwards. */
export function isForward(made: unknown): made is ForwardHandler {
  return typeof made === 'function' && !isObject(made) && 'nodes' in made && 'close' in made
}
