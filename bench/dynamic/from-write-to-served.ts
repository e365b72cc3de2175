import { Server } from 'tribind'
import { type EngineName, isInstalled, startEngine } from '../../test/dynamic/stores/engines.ts'
import { storeKinds } from '../../test/dynamic/stores/store-kinds.ts'

// How long it takes from the call that writes a document to the first request that is served by it, for each store, on loopback.
// npm run bench:dynamic [COUNT]
const count = Number(process.argv[2] ?? 200)
const logger = { debug() {}, info() {}, warn() {}, error: console.error }

console.log('| store | median | p99 | slowest |\n| --- | ---: | ---: | ---: |')
for (const name of ['redis', 'postgres', 'nats', 'etcd'] as const) if (isInstalled(name)) await measure(name)

async function measure(name: EngineName): Promise<void> {
  const engine = await startEngine(name)
  const kind = storeKinds[name]
  const writer = await kind.createWriter(engine.url, 'bench')
  const provider = kind.createProvider(engine.url, 'bench', { required: true })
  const write = (text: string) => provider.write({ routes: { a: { pattern: '/a', service: { text } } } })
  await write('first')
  const server = new Server({ port: 0, logger, configuration: { providers: [provider], throttle: 0 } })
  await server.start()
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const text = `document ${i}`
    const began = performance.now()
    const written = write(text)
    while ((await (await server.inject({ url: '/a' })).text()) !== text) await new Promise(setImmediate)
    times.push(performance.now() - began)
    await written
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => `${(times[Math.min(count - 1, Math.floor(count * share))] as number).toFixed(1)} ms`
  console.log(`| ${name} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`)
  await server.stop()
  await writer.close()
  await engine.remove()
}
