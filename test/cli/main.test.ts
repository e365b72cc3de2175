import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { write } from './services/read.ts'
import { bin, type Ended, tribind } from './tribind.ts'

describe('tribind', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(await tribind(['--version'])).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('ends with 2 where it is not understood', async () => {
    const ends = await Promise.all(
      [
        ['rum'],
        [],
        ['--chek'],
        ['-O', 'xml', '-L', ':0'],
        ['-L', ':0', '--'],
        ['--no-restart', '-L', ':0'],
        ['help', 'rum'],
      ].map((args) => tribind(args)),
    )
    expect(ends.map(({ code, stdout }) => [code, stdout])).to.deep.equal(ends.map(() => [2, '']))
    const [rum, none, flag, format, group, restart] = ends.map(({ stderr }) => stderr)
    expect(rum).to.match(/^tribind: there is no command "rum"/)
    expect(none).to.match(/^tribind: nothing is to run: name a service/)
    expect(flag).to.equal('tribind: there is no flag "--chek", did you mean "--check"?\nSee tribind --help.\n')
    expect(format).to.match(/must be json or yaml, got "xml"/)
    expect(group).to.match(/^tribind: group 2 of 2 is empty/)
    expect(restart).to.match(/"--no-restart" stands before the first of several groups/)
  })

  it('checks and prints what would run', async () => {
    const file = write('main.yaml', 'services: [{ name: a, addr: "127.0.0.1:0", handlr: {} }]')
    const [good, local, wrong, printed] = await Promise.all([
      tribind(['-L', 'http://127.0.0.1:0', '--check']),
      tribind(['-L', ':0', '--check']),
      tribind(['-C', file, '--check']),
      tribind(['-L', 'socks5://u:p@127.0.0.1:0', '-O', 'json']),
    ])
    expect(good).to.deep.equal({
      code: 0,
      stdout: 'nothing is wrong with 1 service:\n  service-0: http at 127.0.0.1:0\n',
      stderr: '',
    })
    expect(local.stdout).to.include('auto at 127.0.0.1:0\n')
    expect(local.stderr).to.include('listens on 127.0.0.1:0, for this machine alone')
    expect(wrong).to.deep.include({ code: 1, stdout: '' })
    expect(wrong.stderr).to.match(
      /^tribind: .*main\.yaml:1: "services\.0\.handlr" is not known, did you mean "handler"\?/,
    )
    expect(JSON.parse(printed.stdout)).to.have.nested.property('services[0].handler.auth.password', 'p')
    expect(await feed(['-C', '-', '-O', 'json'], printed.stdout)).to.deep.equal({ ...printed, code: 0 })
  })

  it('tells of a module that has no application', async () => {
    const [nothing, number, flag] = await Promise.all([
      tribind(['run', write('nothing.mjs', 'export {}')]),
      tribind(['run', write('number.mjs', 'export const register = 5')]),
      tribind(['run', write('nothing.mjs', 'export {}'), '--worker', '2']),
    ])
    expect([nothing.code, number.code, flag.code]).to.deep.equal([1, 1, 2])
    expect(nothing.stderr).to.match(/nothing\.mjs.* has ended: it must export register\(server\) or a Server/)
    expect(number.stderr).to.match(/number\.mjs.* exports "register", which must be a function\n$/)
    expect(flag.stderr).to.match(/^tribind: there is no flag "--worker", did you mean "--workers"\?/)
  })

  it('has colours where it is asked for them alone', async () => {
    const [plain, forced] = await Promise.all([feed(['--help'], ''), feed(['--help'], '', { FORCE_COLOR: '1' })])
    expect(plain.stdout)
      .to.match(/^Usage:\n/)
      .and.not.contain('\u001b')
    expect(forced.stdout).to.match(/^\u001b\[1mUsage:\u001b\[22m\n/)
  })
})

/** Runs `tribind` with a text on standard input. */
function feed(args: readonly string[], input: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const { FORCE_COLOR: _, ...own } = process.env
    const child = execFile(
      process.execPath,
      [bin, ...args],
      { env: { ...own, ...env }, timeout: 20_000 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
      },
    )
    child.stdin?.end(input)
  })
}
