import { EventEmitter } from 'node:events'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { fromConnect, Server } from 'tribind'
import { createServer } from 'vite'
import { WebSocket } from 'ws'
import { collectingLogger, until } from '../feature/both-ways.ts'

describe('vite', () => {
  it('serves and transforms modules in middleware mode, and tells pages of changes, beside WebSockets of tribind', async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'vite-')))
    await writeFile(join(root, 'main.ts'), 'export const greeting: string = "hello"\n')
    await writeFile(join(root, 'index.html'), '<script type="module" src="/main.ts"></script>')
    const server = new Server({ port: 0, logger: collectingLogger() })
    const sockets = new EventEmitter()
    const { NODE_ENV: before } = process.env
    const vite = await createServer({
      root,
      configFile: false,
      appType: 'custom',
      logLevel: 'silent',
      optimizeDeps: { noDiscovery: true },
      server: { middlewareMode: true, hmr: { server: sockets as never } },
    })
    // Vite sets it for the whole process, where other tests run too.
    if (before === undefined) delete process.env['NODE_ENV']
    try {
      server.use(fromConnect(vite.middlewares))
      server.bindUpgrade('/', (request, socket, head) => sockets.emit('upgrade', request, socket, head))
      server.get('/api', () => 'ours')
      server.bindWebSocket('/chat', (socket) => socket.send('ours'))
      await server.start()
      const get = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).text()
      expect(await get('/main.ts')).to.include('export const greeting = "hello"')
      expect(await get('/api')).to.equal('ours')
      const [, token = ''] = /const wsToken = "([^"]+)"/.exec(await get('/@vite/client')) ?? []

      const page = new WebSocket(`ws://127.0.0.1:${server.port}/?token=${token}`, 'vite-hmr')
      const told: { type: string }[] = []
      page.on('message', (data: Buffer) => told.push(JSON.parse(data.toString()) as { type: string }))
      await until(() => told.some(({ type }) => type === 'connected'), 'vite has greeted the page')
      await writeFile(join(root, 'main.ts'), 'export const greeting: string = "changed"\n')
      await until(() => told.some(({ type }) => type === 'full-reload' || type === 'update'), 'the page is told')
      expect(await get('/main.ts')).to.include('"changed"')
      page.close()
    } finally {
      await vite.close()
      await server.stop()
      await rm(root, { recursive: true })
    }
  })
})
