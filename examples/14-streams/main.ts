// What a handler may return, and how it goes out.
//
//   curl -i http://127.0.0.1:8199/text
//   curl -i http://127.0.0.1:8199/json
//   curl -N http://127.0.0.1:8199/generator       # one line at a time
//   curl -i http://127.0.0.1:8199/web-response
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server } from 'tribind'

export function build(): Server {
  const server = new Server()

  // Buffered: text, bytes, and anything else as JSON.
  server.get('/text', () => 'plain text')
  server.get('/html', (request) => {
    // A type that was set stays.
    request.response.setHeader('Content-Type', 'text/html; charset=utf-8')
    return '<p>markup</p>'
  })
  server.get('/number', () => 42)
  server.get('/boolean', () => true)
  server.get('/json', () => ({ list: [1, 2, 3] }))
  server.get('/buffer', () => Buffer.from('bytes'))
  server.get('/typed-array', () => new Uint8Array([104, 105]))
  server.get('/promise', async () => {
    await sleep(1)
    return 'later'
  })
  // Returning nothing adds nothing to what was written.
  server.get('/written', (request) => {
    request.response.write('written ', 'in ', 3, ' parts')
  })

  // Streamed: nothing is kept in memory, and the source is closed when the client goes away.
  server.get('/readable', () => Readable.from(['from ', 'a ', 'Readable']))
  server.get('/file', () => createReadStream(import.meta.filename))
  server.get('/web-stream', () => new Blob(['from a web stream']).stream())
  server.get('/generator', async function* () {
    for (const line of ['one\n', 'two\n', 'three\n']) {
      yield line
      await sleep(100)
    }
  })

  // A web Response brings its status, its headers and its body.
  server.get('/web-response', () => new Response('short and stout', { status: 418, headers: { 'X-Teapot': 'yes' } }))
  server.get('/upstream', () => Response.json({ from: 'fetch, or whatever else gives a Response' }))
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/generator`))
  server.registerSignalHook()
  await server.run()
}
