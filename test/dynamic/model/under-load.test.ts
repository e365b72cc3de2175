import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { collectingLogger, portOf } from '../../feature/both-ways.ts'
import { closeAfterEach, closeLater, openNode } from '../../forward/forward-world.ts'
import { createWorld } from './aggregate-world.ts'

const ROUTES = 100

describe('configurations that change under load', () => {
  closeAfterEach()

  it('lose no answer, mix no versions, and keep the connections to nodes', async () => {
    const node = await openNode((asked, response) => response.end(asked.url))
    const world = createWorld('refuse', { address: '127.0.0.1', port: 0, logger: collectingLogger() })
    await world.server.start()
    closeLater(() => world.server.stop())
    const port = portOf(world.server)
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    closeLater(() => agent.destroy())
    const document = (version: number) => ({
      routes: Object.fromEntries(
        Array.from({ length: ROUTES }, (_, i) => [
          `r${i}`,
          { pattern: `/r${i}/*`, service: i % 2 === 0 ? 'node' : { text: String(version) }, middlewares: ['stamp'] },
        ]),
      ),
      services: { node: { forward: { nodes: [node.url], addPrefix: '/fixed' } } },
      middlewares: { stamp: { headers: { response: { 'X-Version': String(version) } } } },
    })
    await world.apply({ file: document(0) })

    const over = new AbortController()
    const wrong: string[] = []
    const seen = new Set<string>()
    const ask = async () => {
      for (let i = 0; !over.signal.aborted; i++) {
        const path = `/r${i % ROUTES}/x`
        const asked = request({ port, agent, path }).end()
        const [answer] = (await once(asked, 'response')) as [IncomingMessage]
        const version = String(answer.headers['x-version'])
        const body = await text(answer)
        seen.add(version)
        const expected = i % 2 === 0 ? `/fixed${path}` : version
        if (answer.statusCode !== 200 || body !== expected) wrong.push(`${answer.statusCode} ${version} ${body}`)
      }
    }
    const clients = Array.from({ length: 4 }, ask)
    for (let version = 1; version <= 5; version++) {
      const applied = await world.apply({ file: document(version) })
      expect(applied).to.include({ applied: true, isChanged: true })
    }
    over.abort()
    await Promise.all(clients)
    expect(wrong).to.deep.equal([])
    expect(seen.size).to.be.greaterThan(2)
    expect(node.connections()).to.be.at.most(8)
  })
})
