import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'

const readme = readPage('README.md')
const page = readPage('docs/getting-started.md')

/** The files of the page, by their path, which is in the paragraph before each. */
const files = [...page.matchAll(/`([\w./-]+)`[^\n`]*:\n\n```(?:ts|json|html)\n([\s\S]*?)^```/gm)].map(
  ([, path, text]) => ({ path: path as string, text: text as string }),
)

const npmLines = blockOf(readme, 'sh')
const program = blockOf(readme, 'ts')
const conversation = [...blockOf(readme, 'console').matchAll(/^\$ curl -s "?([^\s"]+)"?.*\n(.*)$/gm)]

/** The lines of the README for each package manager. */
const managers = {
  npm: npmLines,
  pnpm: linesFor('pnpm'),
  yarn: linesFor('yarn'),
}

function readPage(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}

/** The first block of that kind. */
function blockOf(text: string, kind: string): string {
  return new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(text)?.[1] ?? ''
}

function linesFor(manager: string): string {
  const adding = [...readme.matchAll(new RegExp(`\`(${manager} add [^\`]+)\``, 'g'))].map(([, line]) => line)
  return [...npmLines.split('\n').slice(0, 2), ...adding].join('\n')
}

/** Defines the tests of the first five minutes: what the README and docs/getting-started.md say, done with the packed package. */
export function testFirstMinutes(tarball: () => string): void {
  describe('in the first five minutes', function () {
    this.timeout(300_000)
    let root: string
    let env: NodeJS.ProcessEnv
    /** They go on at the same time, as most of it is waiting. */
    const installations = new Map<string, Promise<unknown>>()
    const applications = new Map<string, Promise<unknown>>()

    const run = (command: string, cwd: string) => promisify(execFile)('bash', ['-ec', command], { cwd, env })
    const folderOf = (manager: string) => join(root, manager, 'app')

    before(async () => {
      root = await mkdtemp(join(tmpdir(), 'tribind-first-'))
      // Else npm tells programs of the project that tests it.
      const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|LOG_LEVEL$|PORT$)/.test(name))
      env = { ...Object.fromEntries(own), npm_config_prefer_offline: 'true' }
      await mkdir(join(root, 'tools'))
      await run('npm install --silent --prefix . pnpm@12 yarn@1', join(root, 'tools'))
      env['PATH'] = [join(root, 'tools/node_modules/.bin'), env['PATH']].join(delimiter)
      // Yarn takes a file it knows by name and version from its cache, whatever is in it now.
      await run('cd "$(yarn cache dir)" && rm -rf npm-tribind-* .tmp', root)
      for (const [manager, lines] of Object.entries(managers)) {
        const installed = install(manager, lines)
        installations.set(manager, installed)
        applications.set(
          manager,
          installed.then(() => layOut(manager)),
        )
      }
      await Promise.allSettled([...installations.values(), ...applications.values()])
    })

    async function install(manager: string, lines: string): Promise<void> {
      const folder = folderOf(manager)
      await mkdir(folder, { recursive: true })
      await copyFile(tarball(), join(root, manager, 'tribind-0.1.0.tgz'))
      await run(lines, folder)
    }

    /** With what is in the cache from the installation before. */
    async function layOut(manager: string): Promise<void> {
      await run('node_modules/.bin/tribind new ../shop --tribind ../tribind-0.1.0.tgz', folderOf(manager))
      await run(`${manager} install`, join(root, manager, 'shop'))
    }

    after(() => rm(root, { recursive: true, force: true, maxRetries: 5 }))

    for (const [manager, lines] of Object.entries(managers)) {
      it(`runs the first program of the README, in TypeScript and in JavaScript, with ${manager}`, async () => {
        const folder = folderOf(manager)
        expect(lines.split('\n').filter(Boolean)).to.have.length(4)
        await installations.get(manager)
        for (const [file, command] of [
          ['main.ts', 'npx tsx main.ts'],
          ['main.js', 'node main.js'],
        ] as const) {
          expect(readme).to.include(`\`${command}\``)
          const port = await freePort()
          await writeFile(join(folder, file), program.replace('8199', String(port)))
          const answers = await answersOf(
            command,
            folder,
            env,
            conversation.map(([, url = '']) => atPort(url, port)),
          )
          expect(answers).to.deep.equal(conversation.map(([, , answer]) => answer))
        }
      })
    }

    it('goes on as docs/getting-started.md says, in TypeScript', async () => {
      expect(blockOf(page, 'sh')).to.equal(npmLines)
      const folder = folderOf('npm')
      await writeFiles(folder, (text) => text)
      await run(page.slice(page.indexOf('npm pkg set scripts')).split('```')[0] as string, folder)
      await run('npm test', folder)
      await run('npm run build', folder)
      for (const command of ['npm run dev', 'npm start']) {
        const port = await freePort()
        const answers = await answersOf(command, folder, { ...env, PORT: String(port) }, [`http://127.0.0.1:${port}/`])
        expect(answers, command).to.deep.equal(['<h1>Hello, World!</h1>\n'])
      }
    })

    for (const manager of Object.keys(managers))
      it(`lays out an application by tribind new, which passes its tests, with ${manager}`, async () => {
        await applications.get(manager)
        const { stdout } = await run(`${manager} test`, join(root, manager, 'shop'))
        expect(stdout)
          .to.match(/^(# |ℹ )fail 0$/m)
          .and.match(/^(# |ℹ )pass [1-9]/m)
      })

    it('checks, builds and serves that application', async () => {
      const folder = join(root, 'npm', 'shop')
      await run('npm run check && npm run build', folder)
      const [, health] = /^ {2}CMD (\[.*\])$/m.exec(await readFile(join(folder, 'Dockerfile'), 'utf8')) ?? []
      const [, ...args] = JSON.parse(health as string) as string[]
      for (const [command, name] of [
        ['npm run dev', 'development'],
        ['npm start', 'production'],
      ] as const) {
        const port = await freePort()
        const environment = { ...env, PORT: String(port), NODE_ENV: name }
        const isHealthy = () =>
          promisify(execFile)(process.execPath, args, { env: environment }).then(
            () => true,
            () => false,
          )
        expect(await isHealthy()).to.be.false
        const answers = await answersOf(
          command,
          folder,
          environment,
          [`http://127.0.0.1:${port}/about`],
          async () => expect(await isHealthy()).to.be.true,
        )
        expect(answers[0], command).to.contain('"name":"shop"')
      }
    })

    it('has a Dockerfile whose lines do what they say, without a container', async () => {
      await applications.get('npm')
      const shop = join(root, 'npm', 'shop')
      const folders = { build: join(root, 'image/build'), final: join(root, 'image/final') }
      const [, build = '', final = ''] = (await readFile(join(shop, 'Dockerfile'), 'utf8')).split(/^FROM .*\n/m)
      const copy = async (words: string, to: string) => {
        const from = words.replaceAll('--from=build /app/', `${folders.build}/`).split(' ')
        const place = join(to, from.pop() ?? '')
        await run(`shopt -s nullglob; mkdir -p ${to}; cp -r ${from.join(' ')} ${place}`, shop)
      }
      for (const [, instruction, rest = ''] of build.matchAll(/^(COPY|RUN) (.*)$/gm))
        await (instruction === 'COPY' ? copy(rest, folders.build) : run(rest, folders.build))
      for (const [, rest = ''] of final.matchAll(/^COPY (.*)$/gm)) await copy(rest, folders.final)
      const [, command = ''] = /^CMD (.*)$/m.exec(final) ?? []
      const port = await freePort()
      const environment = { ...env, NODE_ENV: 'production', PORT: String(port), DATABASE_FILE: join(root, 'image.db') }
      const line = (JSON.parse(command) as string[]).join(' ')
      const [answer] = await answersOf(line, folders.final, environment, [`http://127.0.0.1:${port}/about`])
      expect(answer).to.contain('"name":"shop"')
    })

    it('serves by require, as docs/runtimes.md says', async () => {
      const folder = folderOf('npm')
      const port = await freePort()
      const code = blockOf(readPage('docs/runtimes.md'), 'js')
      await writeFile(join(folder, 'main.cjs'), code.replace('new Server()', `new Server({ port: ${port} })`))
      expect(await answersOf('node main.cjs', folder, env, [`http://127.0.0.1:${port}/`])).to.deep.equal(['hello'])
    })

    it('goes on as docs/getting-started.md says, in JavaScript', async () => {
      const folder = join(folderOf('npm'), 'javascript')
      await writeFiles(folder, (text) => text.replaceAll(/\.ts\b/g, '.js'))
      await run('npm init -y && npm pkg set type=module', folder)
      await run('node --test', folder)
      for (const command of ['node --watch src/main.js', 'node src/main.js']) {
        expect(page).to.include(`\`${command}\``)
        const port = await freePort()
        const answers = await answersOf(command, folder, { ...env, PORT: String(port) }, [`http://127.0.0.1:${port}/`])
        expect(answers, command).to.deep.equal(['<h1>Hello, World!</h1>\n'])
      }
    })
  })
}

async function writeFiles(folder: string, change: (text: string) => string): Promise<void> {
  expect(files.map(({ path }) => path)).to.include.members(['tsconfig.json', 'src/main.ts', 'views/index.eta'])
  for (const { path, text } of files) {
    const file = join(folder, change(path))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, change(text))
  }
}

const atPort = (url: string, port: number) => url.replace('8199', String(port))

/** What a command, which starts a server, answers; it and all that it started are ended. */
async function answersOf(
  command: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
  urls: readonly string[],
  meanwhile?: () => Promise<unknown>,
): Promise<string[]> {
  const child = spawn('bash', ['-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  try {
    await listening(child)
    await meanwhile?.()
    const ask = async (url: string) => (await fetch(url, { headers: { 'user-agent': 'me' } })).text()
    return await Promise.all(urls.map(ask))
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    await exited
  }
}

/** Resolves when the log says that the server listens. */
function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (output.includes('"Listening on ')) resolve()
      })
    child.once('exit', () => reject(new Error(`ended without listening: ${output}`)))
  })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  return port
}
