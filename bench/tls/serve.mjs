// One server in a process of its own: `node serve.mjs SERVER PROTOCOL`.

import { answerParent } from '../http/answer-parent.mjs'
import { servers } from './servers.mjs'

const [name, protocol] = process.argv.slice(2)

answerParent({
  listen: () => servers[name](protocol),

  cpuMicros() {
    const { user, system } = process.cpuUsage()
    return user + system
  },
})
