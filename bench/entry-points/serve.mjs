// A server of the build named first, with as many entry points as named second; tells their ports.

const [build, count] = process.argv.slice(2)
const { Server } = await import(build)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const names = Array.from({ length: Number(count) - 1 }, (_, i) => `further-${i}`)
const entryPoints = Object.fromEntries(names.map((name) => [name, '127.0.0.1:0']))

const server = new Server({ port: 0, logger: quiet, ...(names.length > 0 && { entryPoints }) })
server.get('/', () => 'Hello, World!')
await server.start()
process.send(server.addresses.map((address) => Number(address.split(':').at(-1))))

process.on('message', () => process.send(process.cpuUsage()))
