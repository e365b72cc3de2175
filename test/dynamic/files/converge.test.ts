import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { fileProvider } from 'tribind/providers'
import { temporaryFolder } from '../../feature/temporary-folder.ts'
import { run, stopAll } from './recorded-sink.ts'

const files = ['a.yaml', 'b.json', 'c.toml'] as const
type File = (typeof files)[number]

/** Which file has which of three names, each with a number; a name may be in several files, which is told. */
interface Operation {
  readonly kind: 'write' | 'rename' | 'slowly' | 'break' | 'delete' | 'replace folder' | 'remove folder'
  readonly file: File
  readonly names: readonly string[]
  readonly value: number
  /** In milliseconds. */
  readonly pause: number
}

const arbitraryOperation: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constantFrom(
    'write',
    'write',
    'rename',
    'rename',
    'slowly',
    'break',
    'delete',
    'replace folder',
    'remove folder',
  ),
  file: fc.constantFrom(...files),
  names: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }),
  value: fc.nat(99),
  pause: fc.constantFrom(0, 0, 0, 1, 5, 30, 120),
})

/** What is in the folder at the end: each name in one file at most. */
const arbitraryEnd = fc
  .record({ owners: fc.array(fc.constantFrom(...files), { minLength: 1, maxLength: 3 }), value: fc.nat(99) })
  .map(({ owners, value }) =>
    Object.fromEntries(
      files.map((file) => [
        file,
        ['x', 'y', 'z'].filter((_, i) => owners[i] === file).map((name) => [name, value] as const),
      ]),
    ),
  )

function textOf(file: string, entries: readonly (readonly [name: string, value: number])[]): string {
  if (file.endsWith('.toml')) return `[routes]\n${entries.map(([name, value]) => `${name} = ${value}\n`).join('')}`
  return JSON.stringify({ routes: Object.fromEntries(entries) })
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function carryOut({ kind, file, names, value, pause: ms }: Operation, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, file)
  const text = textOf(
    file,
    names.map((name) => [name, value] as const),
  )
  if (kind === 'write') writeFileSync(path, text)
  if (kind === 'break') writeFileSync(path, text.slice(0, value % text.length))
  if (kind === 'delete') rmSync(path, { force: true })
  if (kind === 'remove folder') rmSync(folder, { recursive: true })
  if (kind === 'rename') {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  if (kind === 'slowly') {
    writeFileSync(path, '')
    for (const char of text.match(/.{1,6}/gs) ?? []) {
      appendFileSync(path, char)
      await pause(3)
    }
  }
  if (kind === 'replace folder') {
    mkdirSync(`${folder}.new`)
    writeFileSync(join(`${folder}.new`, file), text)
    rmSync(folder, { recursive: true })
    renameSync(`${folder}.new`, folder)
  }
  if (ms > 0) await pause(ms)
}

afterEach(stopAll)

describe('fileProvider of a folder', () => {
  it('ends on what is in the files, whatever happened to them before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryOperation, { maxLength: 15 }), arbitraryEnd, async (operations, end) => {
        const folder = join(temporaryFolder({}), 'etc')
        const running = run(fileProvider(folder))
        const { sink } = running
        for (const operation of operations) await carryOut(operation, folder)
        mkdirSync(folder, { recursive: true })
        for (const [file, entries] of Object.entries(end)) {
          if (entries.length > 0) writeFileSync(join(folder, file), textOf(file, entries))
          else rmSync(join(folder, file), { force: true })
        }
        const expected = Object.fromEntries(Object.values(end).flat())
        const sorted = (document: unknown) =>
          JSON.stringify(Object.entries((document as { routes: object }).routes).sort())
        await sink.until(() => sink.published.length > 0 && sorted(sink.last) === sorted({ routes: expected }))
        // Nothing else follows.
        const { alives } = sink
        const { length } = sink.published
        await sink.until(() => sink.alives > alives)
        expect(sink.published).to.have.length(length)
        await running.stop()
      }),
      { numRuns: 20 },
    )
  }).timeout(200_000)
})
