// What the workers serve: an answer that takes some of the processor, as that of an application does.
import { createHash } from 'node:crypto'

const rounds = Number(process.env.ROUNDS ?? 200)

export function register(server) {
  server.bindHandler('/', () => {
    let digest = 'tribind'
    for (let i = 0; i < rounds; i++) digest = createHash('sha256').update(digest).digest('hex')
    return digest
  })
}
