import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { describeFile, type FileFacts } from '../../../lib/http/files/file-facts.ts'
import { KnownFiles } from '../../../lib/static/known-files.ts'

const root = fileURLToPath(new URL('.', import.meta.url)).slice(0, -1)

/** Facts of a file that has changed at a time. */
function factsOf(changedMs = Date.now() - 60_000, size = 10): FileFacts {
  const stats = Object.assign(statSync(import.meta.filename), { ctimeMs: changedMs, mtimeMs: changedMs, size })
  return describeFile({ path: `${root}/a`, name: 'a.txt', stats, isLinked: false }) as FileFacts
}

describe('KnownFiles', () => {
  const keep = (
    files: KnownFiles,
    name: string,
    facts: FileFacts | undefined = factsOf(),
    checkedAt = performance.now(),
  ) => files.keep({ root, path: `${root}/${name}`, followSymlinks: false, facts, checkedAt })
  const knows = (files: KnownFiles, name: string) => files.recall(root, `${root}/${name}`, false) !== undefined

  it('knows at most 2,000 files, and drops that whose check is longest ago', () => {
    const files = new KnownFiles()
    for (let i = 0; i < 2000; i++) keep(files, `${i}`)
    keep(files, '0')
    expect(knows(files, '1')).to.equal(true)
    keep(files, '2000')
    expect([knows(files, '0'), knows(files, '1'), knows(files, '2')]).to.deep.equal([true, false, true])
  })

  it('keeps at most 32 MiB of content', () => {
    const files = new KnownFiles()
    const bytes = Buffer.alloc(64 * 1024)
    for (let i = 0; i < 513; i++) keep(files, `${i}`)?.memory?.keep(bytes)
    expect([knows(files, '0'), knows(files, '1'), knows(files, '512')]).to.deep.equal([false, true, true])
    // What was dropped before it was read isn't counted.
    const facts = keep(files, 'a')
    keep(files, 'a', factsOf(Date.now()))
    facts?.memory?.keep(bytes)
    expect([facts?.memory?.bytes, knows(files, '1')]).to.deep.equal([undefined, true])
  })

  it('counts what it drops for its own content, however often that happens', () => {
    const files = new KnownFiles()
    const bytes = Buffer.alloc(64 * 1024)
    const early = ['a', 'b', 'c'].map((name) => keep(files, name))
    for (let i = 0; i < 512; i++) keep(files, `${i}`)?.memory?.keep(bytes)
    for (const facts of early) facts?.memory?.keep(bytes)
    expect([knows(files, 'a'), knows(files, 'c'), knows(files, '0'), knows(files, '2')]).to.deep.equal([
      false,
      false,
      true,
      true,
    ])
  })

  it('knows for a second after the check, and only from the same root, by the same rule for links', () => {
    const files = new KnownFiles()
    keep(files, 'old', factsOf(), performance.now() - 1001)
    keep(files, 'new', factsOf(), performance.now() - 500)
    expect([knows(files, 'old'), knows(files, 'new')]).to.deep.equal([false, true])
    expect(files.recall('/other', `${root}/new`, false)).to.equal(undefined)
    expect(files.recall(root, `${root}/new`, true)).to.equal(undefined)
  })

  it('keeps the content of a file that is the same when it is checked again, and no other', () => {
    const files = new KnownFiles()
    const changedMs = Date.now() - 60_000
    keep(files, 'a', factsOf(changedMs))?.memory?.keep(Buffer.from('0123456789'))
    expect(String(keep(files, 'a', factsOf(changedMs))?.memory?.bytes)).to.equal('0123456789')
    for (const other of [factsOf(changedMs + 1), factsOf(changedMs, 11)])
      expect(keep(files, 'a', other)?.memory?.bytes).to.equal(undefined)
    expect(keep(files, 'a', factsOf(Date.now()))?.memory).to.equal(undefined)
    expect(knows(files, 'a')).to.equal(false)
  })
})
