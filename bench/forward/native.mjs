// nginx and HAProxy from Debian, each as one process with one thread.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const START_MS = 10_000
const running = new Set()

/** Each with its command, and what it is told. */
export const programs = {
  nginx: { command: (file) => ['nginx', '-c', file], configure: configureNginx },
  haproxy: { command: (file) => ['haproxy', '-db', '-f', file], configure: (ports) => configureHaproxy('http', ports) },
  'haproxy-tcp': {
    command: (file) => ['haproxy', '-db', '-f', file],
    configure: (ports) => configureHaproxy('tcp', ports),
  },
}

export function isInstalled(name) {
  return spawnSync(programs[name].command('')[0], ['-v'], { stdio: 'ignore' }).error === undefined
}

/** Starts one before a node; resolves to `{ port, pid, stop }`. */
export async function startProgram(name, nodePort, core) {
  const { command, configure } = programs[name]
  const folder = mkdtempSync(join(tmpdir(), 'tribind-bench-'))
  const port = await freePort()
  const file = join(folder, 'proxy.conf')
  writeFileSync(file, configure({ port, nodePort, folder }))
  const pinned = core === undefined ? [] : ['taskset', '-c', String(core)]
  const [program, ...args] = [...pinned, ...command(file)]
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const stop = () => {
    running.delete(stop)
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  running.add(stop)
  await untilOpen(port, child)
  return { port, pid: child.pid, stop }
}

export function stopPrograms() {
  for (const stop of running) stop()
}

function configureNginx({ port, nodePort, folder }) {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
  access_log off;
  ${paths.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  map $http_upgrade $connection_to_node { default upgrade; '' ''; }
  upstream node { server 127.0.0.1:${nodePort}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000000;
    proxy_http_version 1.1;
    proxy_max_temp_file_size 0;
    proxy_set_header Host $http_host;
    proxy_set_header Connection $connection_to_node;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header X-Forwarded-For $remote_addr;
    location / { proxy_pass http://node; }
    location /events { proxy_pass http://node; proxy_buffering off; }
  }
}
`
}

function configureHaproxy(mode, { port, nodePort }) {
  return `
global
  nbthread 1
  maxconn 8192
defaults
  mode ${mode}
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
  ${mode === 'http' ? 'http-reuse always\n  option forwardfor' : ''}
listen proxy
  bind 127.0.0.1:${port}
  server node 127.0.0.1:${nodePort}
`
}

/** Returns a port of 127.0.0.1 at which nothing listens. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

async function untilOpen(port, child) {
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(20)) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`)
  }
  throw new Error(`nothing listens at ${port}`)
}
