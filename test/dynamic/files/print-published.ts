// Prints what a file provider publishes, a line each: node print-published.ts PATH.

import { fileProvider } from 'tribind/providers'
import { RecordedSink } from './recorded-sink.ts'

const [, , path = ''] = process.argv
const sink = new RecordedSink((configuration) => {
  console.log(JSON.stringify(configuration))
  return { applied: true, version: 1 }
})
setInterval(() => {}, 1000)
await fileProvider(path).provide(sink, new AbortController().signal)
