export function register(server) {
  server.setPort(Number(process.env.PORT)).bindHandler('/', () => 'Hello')
}
