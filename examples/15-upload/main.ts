// A form with files, a list of what came in, and limits.
//
//   open http://127.0.0.1:8199/ in a browser, or
//   curl -i -F note=hello -F files=@README.md http://127.0.0.1:8199/
//   head -c 2000000 /dev/zero | curl -i -F 'files=@-;filename=zeros' http://127.0.0.1:8199/   # 413
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HttpError, Server } from 'tribind'

interface Upload {
  filename: string
  size: number
  note: string
}

const limits = { maxFiles: 3, maxFileSize: 1024 * 1024, maxFieldSize: 200 }

export function build(folder = join(tmpdir(), 'tribind-uploads')): Server {
  mkdirSync(folder, { recursive: true })
  const uploads = new Map<string, Upload>()
  const server = new Server({ upload: limits, view: { root: new URL('views', import.meta.url) } })

  server.get('/', ({ response }) => response.writeTpl('index', { uploads, limits }))

  server.post('/', async (request) => {
    const { note = '' } = await request.form()
    const files = await request.files('files')
    if (files.length === 0) throw new HttpError(400, 'choose a file')
    for (const file of files) {
      // The client's name is for the list alone: under one of our own, no file takes the place of another.
      const id = randomUUID()
      await file.save(join(folder, id))
      uploads.set(id, { filename: file.filename, size: file.size, note: String(note) })
    }
    request.response.redirectTo('/', 303)
  })

  // As a download: an uploaded page must never run as a page of this site.
  server.get('/files/:id', ({ params, response }) => {
    const upload = uploads.get(params.id)
    if (upload === undefined) throw new HttpError(404, 'there is no such file')
    return response.serveFileDownload(params.id, upload.filename, { root: folder })
  })
  return server
}

if (import.meta.filename === process.argv[1]) {
  const server = build()
  server.registerStartupHook(() => console.log(`http://${server.addresses[0]}/`))
  server.registerSignalHook()
  await server.run()
}
