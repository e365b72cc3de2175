import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { create, stopAll } from './entry-point-world.ts'

/** More than Node.js lets wait by default, and than the system does of old. */
const CLIENTS = 1500

describe('clients that come all at once', () => {
  afterEach(stopAll)

  // A client that can't wait is refused at once at a Unix socket. Over TCP it would be ignored, for many seconds where that goes on.
  it('wait until they are accepted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tribind-backlog-'))
    const path = join(folder, 'web.sock')
    const server = create({ entryPoints: { web: `unix:${path}` } })
    await server.start()
    const clients = Array.from({ length: CLIENTS }, () => net.connect(path))
    try {
      const outcomes = await Promise.all(
        clients.map((client) => once(client, 'connect').then(() => 'connected', String)),
      )
      expect(outcomes.filter((outcome) => outcome !== 'connected')).to.deep.equal([])
    } finally {
      for (const client of clients) client.destroy()
      rmSync(folder, { recursive: true })
    }
  })
})
