// One framework serving one scenario, in a process of its own: `node serve.mjs FRAMEWORK[:VARIANT] HANDLERS [SIZE]`.

import { answerParent } from './answer-parent.mjs'
import { countHookMarks } from './hook-mark.mjs'

const [name, handlers, size] = process.argv.slice(2)
const [framework, variant] = name.split(':')

answerParent({
  async listen() {
    const { listen } = await import(`./frameworks/${framework}.mjs`)
    return listen(handlers, size && Number(size), variant)
  },

  usage() {
    const { user, system } = process.cpuUsage()
    return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss(), hookMarks: countHookMarks() }
  },
})
