import { mkdirSync, writeFileSync } from 'node:fs'
import { Controller, cors, createPath, FileSessionStore, fromExpress, Server } from 'tribind'
import 'tribind/admin'
import { memoryProvider, redisProvider } from 'tribind/providers'
import { createTestClient } from 'tribind/testing'

// Uses each package that tribind loads on demand; packed.test.ts bundles it and runs it where there is no package.
mkdirSync('views', { recursive: true })
writeFileSync('views/hello.eta', 'Hello <%= it.name %>')

class Books extends Controller {
  list() {
    return createPath('/books/:id', { id: 7 })
  }
}

const server = new Server({
  port: 0,
  cookieSecret: 'secret',
  session: { secret: 'secret', store: new FileSessionStore({ folder: 'sessions' }) },
  view: { root: 'views' },
  admin: { address: `unix:${process.cwd()}/admin.sock` },
  configuration: {
    providers: [
      memoryProvider('memory', { routes: { hello: { pattern: '/hello', service: { text: 'configured' } } } }),
    ],
  },
})
server.use(cors())
server.post('/json', (request) => request.json())
server.get('/cookie', ({ cookie }) => cookie.set('a', 'b', { signed: true }))
server.post('/upload', async (request) => (await request.file('file'))?.size)
server.serveStatic('/files', 'views')
server.get('/set', ({ session }) => session.set('name', 'Ann'))
server.get('/get', ({ session }) => session.get('name'))
server.get('/view', ({ response }) => response.writeTpl('hello', { name: 'Ann' }))
server.bindController('/books', Books)
server.bindWebSocket('/echo', (socket) => void socket.on('message', (data) => socket.send(String(data))))

async function main(): Promise<void> {
  await server.start()
  console.log(server.routes().find(({ type }) => type === 'middleware')?.name)
  const client = createTestClient(server)
  const upload = new FormData()
  upload.set('file', new Blob(['uploaded']), 'file.txt')
  console.log((await client.post('/json', { json: { a: 1 } })).text())
  await client.get('/cookie')
  console.log(client.cookies.get('a')?.split('.')[0])
  console.log((await client.post('/upload', { body: upload })).text())
  console.log((await client.get('/files/hello.eta')).text())
  await client.get('/set')
  console.log((await client.get('/get')).text())
  console.log((await client.get('/view')).text())
  console.log((await client.get('/books/list')).text())
  console.log((await client.get('/hello')).text())
  const socket = await client.webSocket('/echo')
  socket.send('echo')
  console.log(await socket.next())
  void socket.close()
  await server.stop()
  try {
    fromExpress(() => {})
  } catch (error) {
    console.log((error as Error).message)
  }
  try {
    redisProvider({ url: 'redis://127.0.0.1' })
  } catch (error) {
    console.log((error as Error).message)
  }
  console.log('require' in globalThis)
}

void main()
