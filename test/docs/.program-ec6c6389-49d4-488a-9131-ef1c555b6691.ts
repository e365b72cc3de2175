import { CommandError, Server } from 'tribind'

const server = new Server({
  logger: { ...console, error: () => {} },
  entryPoints: { web: { address: '127.0.0.1:0', preUp: { run: ['sh', '-c', 'exit 3'], onFailure: 'abort' } } },
})
try {
  await server.start()
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  console.log(error.message) // preUp of entry point "web": command "sh -c \"exit 3\"" ended with exit code 3
  console.log(error.command, error.exitCode, error.signal) // sh -c "exit 3" 3 null
}

export {}
