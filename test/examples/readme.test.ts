import { execFile, execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { MvcProcess } from './mvc-process.ts'
import { ask } from './serve.ts'

const EXAMPLES = new URL('../../examples/', import.meta.url)
const pages = {
  'README.md': await readFile(new URL('../README.md', EXAMPLES), 'utf8'),
  'examples/README.md': await readFile(new URL('README.md', EXAMPLES), 'utf8'),
}

describe('examples/README.md', () => {
  it('has a line for every example, and none for others', async () => {
    const entries = await readdir(EXAMPLES, { withFileTypes: true })
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
    const line = /^\| \[(.+?)\]\(\1\/main\.ts\) \|.*examples\/\1\/main\.ts` \|$/gm
    const names = [...pages['examples/README.md'].matchAll(line)].map((match) => match[1])
    expect(names).to.deep.equal(folders.sort())
  })
})

for (const [name, page] of Object.entries(pages)) {
  describe(`${name}: the requests to examples/02-mvc`, function () {
    this.timeout(30_000)
    const send = hasCurl() ? sendByShell : sendByHttp
    let mvc: MvcProcess
    before(async () => {
      mvc = await MvcProcess.start()
    })
    after(() => mvc.interrupt())

    // In the order of the page: they build on one another.
    for (const { command, answer } of parseConsole(page)) {
      it(command, async () => {
        expect(await send(command, mvc.port)).to.equal(answer)
      })
    }
  })
}

/** The commands between the markers, each with the lines that follow it. */
function parseConsole(page: string): { command: string; answer: string }[] {
  const block = /<!-- mvc:begin -->\s*```console\n(.*?)```\s*<!-- mvc:end -->/s.exec(page)?.[1]
  if (!block) throw new Error('no console block stands between the mvc markers')
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...answer] = part.trimEnd().split('\n')
      return { command, answer: answer.join('\n') }
    })
}

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Just as a reader would type it, but for the port. */
async function sendByShell(command: string, port: number): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', command.replace(':8199', `:${port}`)])
  return stdout
}

/** The same request where there is no curl: `[-X METHOD] [-H 'Name: value'] URL`. */
async function sendByHttp(command: string, port: number): Promise<string> {
  const words = [...command.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word)
  const headers: Record<string, string> = {}
  let method = 'GET'
  let path = ''
  for (let index = 1; index < words.length; index++) {
    const word = words[index] ?? ''
    if (word === '-X') method = words[++index] ?? ''
    else if (word === '-H') {
      const [name = '', value = ''] = (words[++index] ?? '').split(': ')
      headers[name] = value
    } else path = word.replace('http://127.0.0.1:8199', '')
  }
  return (await ask(port, `${method} ${path}`, headers)).text
}
