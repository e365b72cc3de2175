// One contestant, in a process of its own: `node serve.mjs NAME`.

import { answerParent } from '../http/answer-parent.mjs'
import { contestants } from './contestants.mjs'

answerParent({
  listen: () => contestants[process.argv[2]](),

  usage() {
    const { user, system } = process.cpuUsage()
    return { cpuMicros: user + system }
  },
})
