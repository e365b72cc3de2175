// Compares how long TypeScript takes for an application of 300 endpoints, with declarations and without.
//
// node bench/types/run.mjs [endpoints]

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from '../median.mjs'

const ROUNDS = 3
const MAX_RATIO = 2
const count = Number(process.argv[2] ?? 300)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Both have the same schemas, and the same endpoints by the same handlers: one declares them, one parses. */
const schemas = (i) => `
const Params${i} = z.object({ id: z.coerce.number().int() })
const Query${i} = z.object({ days: z.coerce.number().max(30).default(14), tag${i}: z.array(z.string()).optional() })
const Body${i} = z.object({ reader: z.string(), note${i}: z.string().optional(), parts: z.array(z.object({ n: z.number() })) })
const Loan${i} = z.object({ id: z.number(), state: z.enum(['lent', 'back']), due${i}: z.string() })
const Problem${i} = z.object({ title: z.string(), at${i}: z.number() })`

const declared = (i) => `${schemas(i)}
const lend${i} = declaration({
  summary: 'Lends ${i}', tags: ['books'], params: Params${i}, query: Query${i}, body: Body${i},
  responses: { 201: { description: 'Lent', body: Loan${i} }, 409: Problem${i} },
})
server.bindHandler('POST:/books${i}/:id', lend${i}.handler(async ({ params, query, body }) => {
  if (query.days > 30) return reply(409, { title: body.reader, at${i}: 1 })
  return reply(201, { id: params.id, state: 'lent', due${i}: body.note${i} ?? '' })
}))`

const plain = (i) => `${schemas(i)}
server.bindHandler('POST:/books${i}/:id', async (request) => {
  const params = Params${i}.parse(request.params)
  const query = Query${i}.parse(request.query)
  const body = Body${i}.parse(await request.json())
  if (query.days > 30) {
    request.response.status = 409
    return { title: body.reader, at${i}: 1 } satisfies z.infer<typeof Problem${i}>
  }
  request.response.status = 201
  return { id: params.id, state: 'lent', due${i}: body.note${i} ?? '' } satisfies z.infer<typeof Loan${i}>
})`

const folder = mkdtempSync(join(tmpdir(), 'tribind-bench-types-'))
try {
  const names = { plain, declared }
  for (const [name, write] of Object.entries(names)) writeApplication(join(folder, name), write)
  const times = { plain: [], declared: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of Object.keys(names)) times[name].push(check(join(folder, name)))
  }
  const [before, after] = [median(times.plain), median(times.declared)]
  console.log(`${count} endpoints, median of ${ROUNDS} rounds`)
  console.log(`without declarations  ${before.toFixed(2)} s`)
  console.log(`with declarations     ${after.toFixed(2)} s, ${(after / before).toFixed(2)} times`)
  if (after > MAX_RATIO * before) {
    console.error(`with declarations it takes more than ${MAX_RATIO} times as long`)
    process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true })
}

/** Ten files, as an application has its endpoints in several. */
function writeApplication(path, write) {
  mkdirSync(path)
  const head =
    "import { declaration, reply, Server } from 'tribind'\nimport { z } from 'zod'\nexport const server = new Server()\n"
  const files = Array.from({ length: 10 }, (_, file) => `routes-${file}.ts`)
  for (const [file, name] of files.entries()) {
    const numbers = Array.from({ length: count }, (_, i) => i).filter((i) => i % files.length === file)
    writeFileSync(join(path, name), `${head}void [declaration, reply]\n${numbers.map(write).join('\n')}\n`)
  }
  writeFileSync(join(path, 'package.json'), '{ "type": "module" }')
  const paths = { tribind: [join(root, 'dist/index.d.ts')], zod: [join(root, 'node_modules/zod/index.d.ts')] }
  const compilerOptions = {
    paths,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  }
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] }
  writeFileSync(join(path, 'tsconfig.json'), JSON.stringify(config))
}

/** Returns the seconds that a check takes. */
function check(path) {
  const from = process.hrtime.bigint()
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', path], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the application in ${path} doesn't compile: ${stdout.slice(0, 2000)}`)
  return Number(process.hrtime.bigint() - from) / 1e9
}
