import { expect } from 'chai'
import { ConfigError } from 'tribind'
import {
  type CommandsByEvent,
  commandOptions,
  commandRows,
  type ReadCommands,
} from '../../../../lib/entrypoint/commands/command-options.ts'
import { defineOptions } from '../../../../lib/options/define-options.ts'
import { thrownBy } from '../../../feature/both-ways.ts'

const table = defineOptions<CommandsByEvent, ReadCommands>(commandRows)
const read = (given: CommandsByEvent) => table.parse(given, 'entryPoints.web.')
const defaults = { shell: false, timeout: 30_000, onFailure: 'warn' }
const warm = () => {}

describe('the options of commands', () => {
  it('take a text, an array of words, a function, and an object with one of these', () => {
    const one = (run: unknown) => [{ ...defaults, run }]
    expect(read({ preUp: 'echo a', preDown: warm })).to.deep.equal({ preUp: one('echo a'), preDown: one(warm) })
    expect(read({ postUp: { run: ['echo', 'a'] } })).to.deep.equal({ postUp: one(['echo', 'a']) })
    expect(read({ postDown: { run: 'a | b', shell: true, timeout: '2m', onFailure: 'warn' } })).to.deep.equal({
      postDown: [{ run: 'a | b', shell: true, timeout: 120_000, onFailure: 'warn' }],
    })
  })

  it('take an array of these, in which an array is one command', () => {
    const runs = ['echo a', ['echo', 'a b'], warm, 'true']
    const given = ['echo a', ['echo', 'a b'], { run: warm }, 'true']
    expect(read({ preUp: given }).preUp?.map(({ run }) => run)).to.deep.equal(runs)
    expect(read({ preUp: [] })).to.deep.equal({ preUp: [] })
  })

  it('take words alone where one is an option, with which no command begins', () => {
    expect(read({ preUp: ['sh', '-c', 'exit 3'] })).to.deep.equal({
      preUp: [{ ...defaults, run: ['sh', '-c', 'exit 3'] }],
    })
  })

  it('are copied and frozen', () => {
    const words = ['echo', 'a']
    const commands = read({ preUp: [words] }).preUp
    words.push('b')
    expect(commands).to.deep.equal([{ ...defaults, run: ['echo', 'a'] }])
    expect(commands).to.be.frozen
    expect(commands?.[0]).to.be.frozen
    expect(commands?.[0]?.run).to.be.frozen
  })

  it('have the defaults of the contract', () => {
    expect(commandOptions.parse({ run: 'a' })).to.deep.equal({ run: 'a', ...defaults })
  })

  for (const [given, path, problem] of [
    [{ preUp: 5 }, 'preUp', 'must be a command'],
    [{ preUp: null }, 'preUp', 'must be a command'],
    [{ preUp: ['a', false] }, 'preUp[1]', 'must be a command'],
    [{ preUp: [[]] }, 'preUp[0]', 'must be a command'],
    [{ preUp: [['a', 1]] }, 'preUp[0]', 'must be a command'],
    [{ preUp: [['', 'a']] }, 'preUp[0]', 'must be a command'],
    [{ preUp: 'a\0b' }, 'preUp', 'must be a command'],
    [{ preUp: '' }, 'preUp', 'must begin with a program'],
    [{ postUp: ['a', ' \n'] }, 'postUp[1]', 'must begin with a program'],
    [{ postUp: `'' a` }, 'postUp', 'must begin with a program'],
    [{ preUp: { run: ' ', shell: true } }, 'preUp.run', 'must begin with a program'],
    [{ preUp: `echo 'a` }, 'preUp', 'must close its quotes, and not end in a backslash, got "echo \'a"'],
    [{ preDown: ['true', { run: 'echo "a' }] }, 'preDown[1].run', 'must close its quotes'],
    [{ postDown: 'echo \\' }, 'postDown', 'must close its quotes'],
    [{ preUp: {} }, 'preUp.run', 'is required'],
    [{ preUp: { run: {} } }, 'preUp.run', 'must be a text, a non-empty array of words, or a function'],
    [{ preUp: { run: 'a', shell: 'sh' } }, 'preUp.shell', 'must be true or false'],
    [{ preUp: { run: ['a'], shell: true } }, 'preUp.run', 'must be a text where "shell" is true'],
    [{ preUp: { run: warm, shell: true } }, 'preUp.run', 'must be a text where "shell" is true'],
    [{ preUp: [{ run: 'a', timeout: 0 }] }, 'preUp[0].timeout', 'must be a time from 1 ms'],
    [{ preUp: { run: 'a', timeout: '5 s' } }, 'preUp.timeout', 'must be a time from 1 ms'],
    [{ preUp: { run: 'a', onFailure: 'ignore' } }, 'preUp.onFailure', 'must be one of warn, abort'],
    [{ preDown: { run: 'a', onFailure: 'abort' } }, 'preDown.onFailure', 'must be warn, got "abort"'],
    [{ postDown: [{ run: 'a', onFailure: 'abort' }] }, 'postDown[0].onFailure', 'must be warn, got "abort"'],
    [{ preUp: { run: 'a', cwd: '/' } }, 'preUp.cwd', 'Known options: run, shell, timeout, onFailure'],
  ] as const) {
    it(`refuse ${JSON.stringify(given)}, naming ${path}`, () => {
      const error = thrownBy(() => read(given as never))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include(`option "entryPoints.web.${path}"`).and.include(problem)
    })
  }

  it('leave quotes to the shell where that runs the text', () => {
    expect(read({ preUp: { run: "echo 'a", shell: true } }).preUp?.[0]?.run).to.equal("echo 'a")
  })
})
