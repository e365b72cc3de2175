import { execFile, execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { ExampleProcess } from './example-process.ts'
import { ask } from './serve.ts'

const EXAMPLES = new URL('../../examples/', import.meta.url)
const index = await readFile(new URL('README.md', EXAMPLES), 'utf8')
const pages = [
  {
    name: 'README.md',
    page: await readFile(new URL('../README.md', EXAMPLES), 'utf8'),
    example: '27-library-database',
  },
  { name: 'examples/README.md', page: index, example: '02-mvc' },
]
// The library of 27 keeps nothing then.
const env = { DATABASE_URL: 'sqlite::memory:' }

describe('examples/README.md', () => {
  it('has a line for every example, and none for others', async () => {
    const entries = await readdir(EXAMPLES, { withFileTypes: true })
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
    const line = /^\| \[(.+?)\]\(\1\/main\.ts\) \|.*examples\/\1\/main\.ts` \|$/gm
    const names = [...index.matchAll(line)].map((match) => match[1])
    expect(names).to.deep.equal(folders.sort())
  })
})

for (const { name, page, example } of pages) {
  describe(`${name}: the requests to examples/${example}`, function () {
    this.timeout(30_000)
    const send = hasCurl() ? sendByShell : sendByHttp
    let program: ExampleProcess
    before(async () => {
      program = await ExampleProcess.start(example, env)
    })
    after(() => program.interrupt())

    // In the order of the page: they build on one another.
    for (const { command, answer } of parseConsole(page)) {
      it(command, async () => {
        expect(await send(command, program.port)).to.equal(answer)
      })
    }
  })
}

/** The commands between the markers, each with the lines that follow it. */
function parseConsole(page: string): { command: string; answer: string }[] {
  const block = /<!-- requests:begin -->\s*```console\n(.*?)```\s*<!-- requests:end -->/s.exec(page)?.[1]
  if (!block) throw new Error('no console block stands between the markers')
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
  return stdout.trimEnd()
}

/** The same request where there is no curl: `[-s] [-X METHOD] [-H 'Name: value'] [-d FORM] URL [| grep TEXT]`. */
async function sendByHttp(command: string, port: number): Promise<string> {
  const [request = '', filter] = command.split(' | grep ')
  const words = [...request.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word)
  const headers: Record<string, string> = {}
  let method = 'GET'
  let path = ''
  let form: string | undefined
  for (let index = 1; index < words.length; index++) {
    const word = words[index] ?? ''
    if (word === '-s') continue
    if (word === '-X') method = words[++index] ?? ''
    else if (word === '-H') {
      const [name = '', value = ''] = (words[++index] ?? '').split(': ')
      headers[name] = value
    } else if (word === '-d') {
      form = words[++index] ?? ''
      method = 'POST'
      headers['content-type'] = 'application/x-www-form-urlencoded'
    } else path = word.replace('http://127.0.0.1:8199', '')
  }
  const { text } = await ask(port, `${method} ${path}`, headers, form)
  const lines = text.trimEnd().split('\n')
  return (filter === undefined ? lines : lines.filter((line) => line.includes(filter.replaceAll("'", '')))).join('\n')
}
