// The servers that are compared: each is started in a process of its own and serves one folder.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const names = ['tribind', 'fastify', 'serve-static', 'sirv', 'nginx']

/** Starts one; `pids` are the processes that serve. */
export function startServer(name, folder) {
  return name === 'nginx' ? startNginx(folder) : startNode(name, folder)
}

async function startNode(name, folder) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('serve.mjs', import.meta.url)), name, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = await once(child.stdout, 'data')
  return { port: Number(port), pids: [child.pid], stop: () => stop(child) }
}

/** With `sendfile`, one process, no log, and what Debian sets else. */
async function startNginx(folder) {
  const port = await findPort()
  const own = mkdtempSync(join(tmpdir(), 'tribind-nginx-'))
  const lines = [
    `daemon off; master_process off; pid ${own}/pid; error_log stderr crit;`,
    'events { worker_connections 256; }',
    'http {',
    '  include /etc/nginx/mime.types; default_type application/octet-stream;',
    '  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; gzip off;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `  ${kind}_temp_path ${own}/${kind};`),
    `  server { listen 127.0.0.1:${port}; root ${folder}; }`,
    '}',
  ]
  writeFileSync(join(own, 'nginx.conf'), lines.join('\n'))
  const child = spawn('nginx', ['-c', join(own, 'nginx.conf'), '-p', own], { stdio: ['ignore', 'ignore', 'inherit'] })
  for (;;) {
    const isUp = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (isUp) break
    if (child.exitCode !== null) throw new Error('nginx has not started')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const end = async () => {
    await stop(child)
    rmSync(own, { recursive: true, force: true })
  }
  return { port, pids: [child.pid], stop: end }
}

async function findPort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

async function stop(child) {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
