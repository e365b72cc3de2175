import { follow } from './recording-sink.ts'
import { storeKinds } from './store-kinds.ts'

// Follows a document until it is published, and then has to end by itself: node follow-once.ts KIND URL KEY
const [, , name, url = '', key = ''] = process.argv
const kind = storeKinds.find((kind) => kind.name === name)
if (kind === undefined) throw new Error(`no store "${name}"`)
const provider = kind.createProvider(url, key)
const { sink, end } = follow(provider)
await sink.until('it is published', () => sink.published.length > 0)
await provider.instances()
await end()
console.log('ended')
