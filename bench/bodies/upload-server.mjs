// Takes uploads to disk, in a process of its own: `node upload-server.mjs NAME FOLDER`. Answers with the size of what it wrote.

import { once } from 'node:events'
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { answerParent } from '../http/answer-parent.mjs'

const [name, folder] = process.argv.slice(2)
const maxBytes = 64 * 1024 * 1024

/** Each as its documentation shows uploads to disk; only the limits are raised. */
const servers = {
  async tribind() {
    const { Server } = await import('../../dist/index.js')
    const upload = { maxFileSize: maxBytes, dir: folder }
    const server = new Server({ port: 0, address: '127.0.0.1', maxBodySize: maxBytes, upload })
    server.bindHandler('POST:/', async (request) => {
      const file = await request.file('file')
      await file.save(folder)
      return String(file.size)
    })
    await server.start()
    return server.port
  },

  async '@fastify/multipart'() {
    const [{ fastify }, { default: multipart }] = await Promise.all([import('fastify'), import('@fastify/multipart')])
    const app = fastify({ bodyLimit: maxBytes })
    await app.register(multipart, { limits: { fileSize: maxBytes } })
    app.post('/', async (request) => {
      const { file, filename } = await request.file()
      const target = createWriteStream(join(folder, filename))
      await pipeline(file, target)
      return String(target.bytesWritten)
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server.address().port
  },

  async multer() {
    const [{ default: express }, { default: multer }] = await Promise.all([import('express'), import('multer')])
    const app = express()
    const upload = multer({ dest: folder, limits: { fileSize: maxBytes } })
    app.post('/', upload.single('file'), (request, response) => response.send(String(request.file.size)))
    return listen(createServer(app))
  },

  async formidable() {
    const { default: formidable } = await import('formidable')
    const server = createServer(async (request, response) => {
      const form = formidable({ uploadDir: folder, maxFileSize: maxBytes })
      const [, { file }] = await form.parse(request)
      response.end(String(file[0].size))
    })
    return listen(server)
  },
}

async function listen(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

answerParent({
  listen: () => servers[name](),

  usage() {
    const { user, system } = process.cpuUsage()
    const status = readFileSync('/proc/self/status', 'latin1')
    return { cpuMicros: user + system, peakBytes: Number(/VmHWM:\s*(\d+)/.exec(status)[1]) * 1024 }
  },

  /** Forgets the peak of the memory. */
  forgetPeak: () => writeFileSync('/proc/self/clear_refs', '5'),
})
