import type { EngineName } from './engines.ts'
import { follow } from './recording-sink.ts'
import { storeKinds } from './store-kinds.ts'

// Follows a document until it is published, and then has to end by itself: node follow-once.ts KIND URL KEY
const [, , name, url = '', key = ''] = process.argv
const provider = storeKinds[name as EngineName].createProvider(url, key)
const { sink, end } = follow(provider)
await sink.until('it is published', () => sink.published.length > 0)
await provider.instances()
await end()
console.log('ended')
