import type { Handler } from '../../index.ts'
import { coreOf, defineOptions, KeptBody, type RequestCore } from '../../kit.ts'
import type { Unread } from '../../forward/request/unread.ts'
import { type Kind, kind, requiredOptions, type Service } from '../model/kind.ts'
import { reference, type Reference } from '../model/reference.ts'
import { keptBodyRow } from './body-row.ts'
import { compose } from './compose.ts'
import { CopySender } from './copy-sender.ts'

interface MirrorOptions {
  readonly service: Reference
  readonly to: Reference
  readonly percent: number
  readonly maxBodySize: number
}

const mirrorOptions = defineOptions<Unread<MirrorOptions>, MirrorOptions>({
  service: reference('services'),
  to: reference('services'),
  percent: {
    isValid: (value) => typeof value === 'number' && value >= 0 && value <= 100,
    words: 'a number from 0 to 100',
    default: 100,
    json: () => ({ type: 'number', minimum: 0, maximum: 100 }),
  },
  maxBodySize: keptBodyRow,
})

/** Answers by one service, and sends copies of requests to another, whose answers are dropped. */
export const mirrorService: Kind<Service> = kind<{ mirror: MirrorOptions }>(
  'mirror',
  {
    mirror: requiredOptions(mirrorOptions, 'an object with service, to and percent'),
  },
  ({ read: { mirror }, handler, keep, server, title }) => {
    const service = handler(mirror.service)
    const to = handler(mirror.to)
    const sender = new CopySender(server, to, title)
    const share = keep(() => ({ due: 0 }))
    const answer: Handler = (request) => {
      share.due += mirror.percent
      if (share.due >= 100) {
        share.due -= 100
        copy(coreOf(request), sender, mirror.maxBodySize)
      }
      return service(request)
    }
    return compose(answer, [service], [to])
  },
)

/** What is under way for the copy is part of what the server waits for at a stop. */
function copy(core: RequestCore, sender: CopySender, maxBodySize: number): void {
  // Another protocol has no request to copy.
  if ((core.raw as { readonly upgrade?: boolean }).upgrade === true) return
  const kept = new KeptBody(core, maxBodySize)
  core.settings.traffic.tasks.add(sender.send(core, () => kept.whole()))
}
