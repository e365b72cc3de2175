import { expect } from 'chai'
import { UsageError } from '../../lib/cli/command.ts'
import { printCommandHelp, printHelp } from '../../lib/cli/help.ts'
import { parseFlags } from '../../lib/cli/parse-flags.ts'
import { serviceFlags } from '../../lib/cli/service-flags.ts'
import { hopParameters, nodeParameters, serviceParameters } from '../../lib/cli/services/url-parameters.ts'

describe('tribind --help', () => {
  it('reads well at 80 columns, and lists every flag and every parameter', async () => {
    const text = await printHelp()
    for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(80)
    for (const name of Object.keys(serviceFlags)) expect(text).to.contain(`--${name}`)
    for (const { name } of [...serviceParameters, ...hopParameters, ...nodeParameters])
      expect(text).to.match(new RegExp(`^  ${name.replaceAll('.', '\\.')} +\\S`, 'm'))
  })

  it('prints the usage, the flags and the examples of a command', () => {
    const text = printCommandHelp({
      usage: 'run MODULE [--workers N]',
      summary: 'Runs an application in several processes.',
      flags: { workers: { type: 'string', short: 'w', value: 'N', summary: 'how many '.repeat(20).trim() } },
      examples: [['tribind run app.js', 'in one']],
      run: () => Promise.resolve(0),
    })
    expect(text).to.match(/^Usage:\n {2}tribind run MODULE \[--workers N\]\n/)
    expect(text).to.contain('\n  -w, --workers N  how many')
    expect(text).to.contain('\n  tribind run app.js\n      in one\n')
    for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(80)
  })
})

describe('flags', () => {
  const fails = (args: string[]) => {
    try {
      parseFlags(serviceFlags, args)
    } catch (error) {
      expect(error).to.be.instanceOf(UsageError)
      return (error as Error).message
    }
    throw new Error('is understood')
  }

  it('are read in any form, in order', () => {
    const { values, positionals } = parseFlags(serviceFlags, [
      '-L',
      'a',
      '--listen=b',
      '-Lc',
      '-L=d',
      'x',
      '--check',
      '-C',
      '-',
      '--',
      '-F',
    ])
    expect(values).to.deep.equal({ listen: ['a', 'b', 'c', 'd'], check: [true], config: ['-'] })
    expect(positionals).to.deep.equal(['x', '-F'])
  })

  it('are refused by name, with the nearest', () => {
    expect(fails(['--chek'])).to.equal('there is no flag "--chek", did you mean "--check"?')
    expect(fails(['-c', 'x'])).to.equal('there is no flag "-c", did you mean "-C"?')
    expect(fails(['-z'])).to.match(/^there is no flag "-z"; there are --config, -C, --listen/)
    expect(fails(['--__proto__'])).to.match(/^there is no flag "--__proto__"/)
    expect(fails(['-L'])).to.equal('the flag "-L" needs a value: -L URL')
    expect(fails(['-L', '-F', 'x'])).to.match(/^the flag "-L" needs a value, got "-F"/)
    expect(fails(['--check=1'])).to.equal('the flag "--check" takes no value, got "1"')
    expect(fails(['-O', 'json', '-O', 'yaml'])).to.equal('the flag "-O" stands there twice')
  })
})
