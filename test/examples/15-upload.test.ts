import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { build } from '../../examples/15-upload/main.ts'

describe('examples/15-upload', () => {
  let folder: string
  let server: Server
  let url: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tribind-example-'))
    server = build(folder)
    server.setPort(0)
    await server.start()
    url = `http://127.0.0.1:${server.port}/`
  })
  afterEach(async () => {
    await server.stop()
    await rm(folder, { recursive: true })
  })

  const upload = (files: [content: string, name: string][], note = ''): Promise<Response> => {
    const body = new FormData()
    body.set('note', note)
    for (const [content, name] of files) body.append('files', new Blob([content]), name)
    return fetch(url, { method: 'POST', body, redirect: 'manual' })
  }
  const links = async (): Promise<string[]> => {
    const page = await (await fetch(url)).text()
    return [...page.matchAll(/href="(\/files\/[^"]+)"/g)].map(([, path = '']) => path)
  }

  it('lists what was uploaded, escaped, and gives it back as a download', async () => {
    const answer = await upload(
      [
        ['first', 'Übersicht.txt'],
        ['<script>', 'a&b.html'],
      ],
      '<b>both</b>',
    )
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([303, '/'])

    const page = await (await fetch(url)).text()
    expect(page).to.include('Übersicht.txt').and.include('a&amp;b.html')
    expect(page).to.include('&lt;b&gt;both&lt;/b&gt;').and.not.include('<b>both')

    const [first = '', second = ''] = await links()
    const file = await fetch(new URL(first, url))
    expect(file.headers.get('content-disposition')).to.include("filename*=UTF-8''%C3%9Cbersicht.txt")
    expect(await file.text()).to.equal('first')
    expect((await fetch(new URL(second, url))).headers.get('content-disposition')).to.match(/^attachment/)
  })

  it('keeps both of two files of the same name', async () => {
    await upload([['one', 'a.txt']])
    await upload([['two', 'a.txt']])
    const contents = (await links()).map(async (link) => (await fetch(new URL(link, url))).text())
    expect(await Promise.all(contents)).to.deep.equal(['one', 'two'])
  })

  it('names its limits, and holds to them', async () => {
    expect(await (await fetch(url)).text()).to.include('up to 3 files, each of up to 1024 KiB')
    const tooMuch = [
      await upload([['x'.repeat(1024 * 1024 + 1), 'large.txt']]),
      await upload(['1', '2', '3', '4'].map((name) => [name, name])),
      await upload([['x', 'x']], 'x'.repeat(201)),
    ]
    expect(tooMuch.map(({ status }) => status)).to.deep.equal([413, 413, 413])
    expect(await links()).to.deep.equal([])
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('wants a file, and a form', async () => {
    expect((await upload([])).status).to.equal(400)
    expect((await fetch(url, { method: 'POST', body: 'text' })).status).to.equal(415)
  })

  it('serves nothing but what was uploaded', async () => {
    const answers = [await fetch(`${url}files/other`), await fetch(`${url}files/..%2Fmain.ts`)]
    expect(answers.map(({ status }) => status)).to.deep.equal([404, 404])
  })
})
