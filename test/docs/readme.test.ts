import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code as string)

/** Runs a block as a program of its own, which imports the package by its name. */
function run(
  code: string,
  use: (child: ChildProcess) => Promise<unknown> | void,
): Promise<{ code: unknown; out: string }> {
  const file = fileURLToPath(new URL(`.block-${process.pid}-${Date.now()}.ts`, import.meta.url))
  writeFileSync(file, code)
  const child = spawn(process.execPath, ['--import=tsx', file], {
    cwd: root,
    env: { ...process.env, LOG_LEVEL: 'warn' },
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()))
  const exited = once(child, 'exit')
  return Promise.resolve(use(child))
    .then(() => exited)
    .then(([exitCode]) => ({ code: exitCode, out }))
    .finally(() => {
      child.kill('SIGKILL')
      rmSync(file)
    })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  return port
}

async function ask(url: string): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(url, { headers: { 'user-agent': 'me' } })).text()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

describe('README.md', () => {
  it('has a first program that serves what it says and ends with code 0', async () => {
    const port = await freePort()
    const answers: string[] = []
    const { code, out } = await run((blocks[0] as string).replace('8199', String(port)), async (child) => {
      answers.push(
        await ask(`http://127.0.0.1:${port}/hello/Ann`),
        await ask(`http://127.0.0.1:${port}/user/show?id=7`),
      )
      child.kill('SIGTERM')
    })
    expect(answers).to.deep.equal(['Hello, Ann!', '{"id":"7","agent":"me"}'])
    expect({ code, out }).to.deep.equal({ code: 0, out: '' })
  })

  for (const [i, block] of blocks.slice(1).entries()) {
    it(`has a block ${i + 2} that runs and prints what it says`, async () => {
      const { code, out } = await run(block, () => {})
      const expected = [...block.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, text]) => `${text}\n`).join('')
      expect({ code, out }).to.deep.equal({ code: 0, out: expected })
    })
  }
})
