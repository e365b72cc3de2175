import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { expect } from 'chai'
import { WebSocket } from 'ws'
import { createFreshProject } from './fresh-project.ts'

// Run by `npm run check:runtimes`, not by `npm test`: Next.js is larger than all else that the tests need.

const files = {
  'app/layout.jsx': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>',
  'app/page.jsx': 'export default () => <h1>Home</h1>',
  'app/echo/route.js': 'export const POST = async (request) => Response.json({ got: await request.json() })',
  'public/plain.txt': 'plain',
  'main.mjs': `
import createNext from 'next'
import { Server } from 'tribind'
const next = createNext({ dev: true, dir: import.meta.dirname })
await next.prepare()
const server = new Server({ port: 0 })
server.get('/own', () => 'of tribind')
server.mount('/', { handle: next.getRequestHandler() })
server.bindUpgrade('/_next/*path', next.getUpgradeHandler())
await server.start()
console.log('port ' + server.port)
`,
}

describe('Next.js as a guest', function () {
  this.timeout(120_000)
  let project: string
  let child: ChildProcess
  let base: string

  before(async () => {
    project = await createFreshProject(files, ['next@16', 'react@19', 'react-dom@19'])
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
    child = spawn(process.execPath, ['main.mjs'], { cwd: project, env, stdio: ['ignore', 'pipe', 'inherit'] })
    base = await new Promise((resolve, reject) => {
      let output = ''
      child.stdout?.on('data', (data: Buffer) => {
        output += data.toString()
        const port = /port (\d+)/.exec(output)?.[1]
        if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
      })
      child.once('exit', (code) => reject(new Error(`it ended with code ${code}: ${output}`)))
    })
  })

  after(async () => {
    child.kill('SIGKILL')
    await rm(project, { recursive: true, force: true })
  })

  const ask = async (path: string, body?: string) => {
    const response = await fetch(base + path, body === undefined ? {} : { method: 'POST', body })
    return `${response.status} ${await response.text()}`
  }

  it('serves its pages, their scripts, its handlers and its files beside the routes of the application', async () => {
    expect(await ask('/own')).to.equal('200 of tribind')
    const page = await ask('/')
    expect(page).to.match(/^200 .*<h1>Home<\/h1>/)
    const script = /\/_next\/static\/[^"]+\.js/.exec(page)?.[0] as string
    expect(await ask(script)).to.match(/^200 /)
    expect(await ask('/echo', '{"a":1}')).to.equal('200 {"got":{"a":1}}')
    expect(await ask('/plain.txt')).to.equal('200 plain')
    expect(await ask('/none')).to.match(/^404 /)
  })

  it('sends changes over its WebSocket', async () => {
    const socket = new WebSocket(`${base.replace('http', 'ws')}/_next/hmr`)
    const [message] = (await once(socket, 'message')) as [Buffer]
    expect(JSON.parse(message.toString())).to.have.property('type')
    socket.close()
  })
})
