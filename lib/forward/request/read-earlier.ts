import { StateError } from '../../index.ts'
import type { RequestCore } from '../../kit.ts'
import { type BodyFraming, framingOf, hasBody } from './body-framing.ts'
import { type BodyLimits, BodyRelay } from './body-relay.ts'

/**
 * Opens the body of a request that is forwarded; a promise where it was read before.
 *
 * @throws StateError for one that was read as a stream, or isn't as it was sent; HttpError 413
 */
export function openBody(core: RequestCore, limits: BodyLimits): BodyRelay | Promise<BodyRelay> {
  const { raw } = core
  const framing = framingOf(raw)
  const wasRead = hasBody(framing) && (raw.readableDidRead || raw.readableEnded)
  return wasRead ? openRead(core, framing, limits) : new BodyRelay(raw, framing, limits)
}

async function openRead(core: RequestCore, framing: BodyFraming, limits: BodyLimits): Promise<BodyRelay> {
  if (core.raw.headers['content-encoding'] !== undefined)
    throw new StateError('forward: the body was read before, and is no longer as it was sent', {
      failure: 'ERR_TRIBIND_BODY_READ',
    })
  const bytes = await core.openBody().bytes()
  const kept: BodyFraming = framing.kind === 'chunked' ? framing : { kind: 'length', length: bytes.length }
  return new BodyRelay(core.raw, kept, limits, bytes)
}
