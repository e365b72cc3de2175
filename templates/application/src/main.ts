import { build } from './app.ts'

const server = await build()
// SIGINT and SIGTERM let requests finish before the process ends.
server.registerSignalHook()
await server.run()
